package org.jvs.datapath;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.DirectorStatus;
import org.jvs.linux.Link;
import org.jvs.linux.LinuxException;

/// Which interfaces the director is attached to; follows those that come, change and go.
///
/// Attached are Ethernet interfaces that are up. Of a bridge or bond it is the bridge or bond
/// itself, not its ports: that is where its addresses and routes are. VLAN interfaces are attached
/// to as such; tagged frames pass the interface below them.
final class Interfaces {
    private static final Set<String> NO_TRAFFIC = Set.of("dummy", "ifb", "nlmon", "vrf");

    private final Attacher attacher;
    private final PacketLoop loop;
    private final Set<String> only;
    private final Consumer<String> log;
    private final List<Port> ports = new CopyOnWriteArrayList<>();

    /// What the kernel said about interfaces that could not be attached to, by index.
    private final Map<Integer, String> refused = new HashMap<>();

    private final Set<Port> told = new HashSet<>();

    /// @param only names of the interfaces to attach to; empty for all that carry traffic
    Interfaces(Attacher attacher, PacketLoop loop, Set<String> only, Consumer<String> log) {
        this.attacher = attacher;
        this.loop = loop;
        this.only = only;
        this.log = log;
    }

    /// Whether an interface is one to attach to.
    static boolean isWanted(Link link, List<Link> all, Set<String> only) {
        boolean able =
                link.isUp()
                        && link.isEthernet()
                        && !link.isLoopback()
                        && link.mac() != null
                        && !link.name().equals(HostPath.NAME);
        if (!able || !only.isEmpty()) {
            return able && only.contains(link.name());
        }
        return !NO_TRAFFIC.contains(link.kind()) && !isPort(link, all);
    }

    private static boolean isPort(Link link, List<Link> all) {
        for (Link master : all) {
            if (master.index() == link.master()) {
                // routes lead to the members of a VRF, and to the bridge of a bridge's ports
                return !master.kind().equals("vrf");
            }
        }
        return false;
    }

    /// Attaches and detaches until it is as the links are now. On the watching thread.
    synchronized void follow(List<Link> links) {
        Map<Integer, Link> wanted = new HashMap<>();
        for (Link link : links) {
            if (isWanted(link, links, only)) {
                wanted.put(link.index(), link);
            }
        }
        for (Port port : List.copyOf(ports)) {
            Link link = wanted.get(port.index);
            if (link == null || !isSame(port, link)) {
                detach(port);
                log.accept("detached from " + port.name);
            }
        }
        refused.keySet().retainAll(wanted.keySet());
        for (Link link : wanted.values()) {
            if (find(link.index()) == null) {
                attach(link);
            }
        }
    }

    private static boolean isSame(Port port, Link link) {
        var mac = link.mac();
        return mac != null
                && port.mac == mac.bits()
                && port.mtu == link.mtu()
                && port.name.equals(link.name())
                && port.isAttached();
    }

    private @Nullable Port find(int index) {
        for (Port port : ports) {
            if (port.index == index) {
                return port;
            }
        }
        return null;
    }

    /// Whether frames can be sent out of the interface of that index. Any thread.
    boolean isAttached(int index) {
        Port port = find(index);
        return port != null && port.isAttached();
    }

    /// Whether an interface sends what programs give it. Any thread.
    boolean takesRedirects(int index) {
        Port port = find(index);
        return port != null && port.takesRedirects;
    }

    /// Has all interfaces run programs that were rendered anew. Any thread, one at a time.
    synchronized void renew(List<Link> links) {
        for (Port port : ports) {
            for (Link link : links) {
                if (link.index() == port.index) {
                    renew(port, link);
                }
            }
        }
    }

    private void renew(Port port, Link link) {
        try {
            attacher.renew(port, link);
        } catch (LinuxException e) {
            log.accept(port.name + " goes on with its old program: " + e.getMessage());
        }
    }

    private void attach(Link link) {
        try {
            Port port = attacher.open(link);
            loop.add(port);
            try {
                attacher.attach(port, link);
            } catch (RuntimeException e) {
                release(port);
                throw e;
            }
            ports.add(port);
            tellRedirects(port);
            refused.remove(link.index());
            log.accept("attached to " + port.name + ", " + port.mode());
            if (!port.advice.isEmpty()) {
                log.accept(port.name + ": " + port.advice);
            }
        } catch (LinuxException e) {
            String message = String.valueOf(e.getMessage());
            if (!message.equals(refused.put(link.index(), message))) {
                log.accept("not attached to " + link.name() + ": " + message);
            }
        }
    }

    private void tellRedirects(Port port) {
        if (attacher.compiles() && !port.takesRedirects) {
            log.accept(
                    port.name
                            + " drops what XDP programs send by it, so all packets for it take the"
                            + " slower way; if it is a veth, at its other end: ethtool -K INTERFACE"
                            + " gro on");
        }
    }

    /// Looks again which interfaces send what programs give them: the other end of a veth may have
    /// changed.
    ///
    /// @return whether one did
    synchronized boolean probe(List<Link> links) {
        boolean changed = false;
        for (Port port : ports) {
            for (Link link : links) {
                if (link.index() == port.index && attacher.probe(port, link)) {
                    changed = true;
                    tellRedirects(port);
                }
            }
        }
        return changed;
    }

    private void detach(Port port) {
        ports.remove(port);
        told.remove(port);
        release(port);
    }

    private void release(Port port) {
        attacher.detach(port);
        loop.remove(port);
        attacher.close(port);
        loop.reclaim(port);
    }

    /// Detaches from all.
    synchronized void close() {
        List.copyOf(ports).forEach(this::detach);
    }

    /// Names and modes, as in `eth0 native`.
    List<String> names() {
        return ports.stream().map(port -> port.name + " " + port.mode()).sorted().toList();
    }

    /// What the kernel said about interfaces that could not be attached to.
    List<String> refusals() {
        return List.copyOf(refused.values());
    }

    /// The programs they run, for `jvs program`.
    List<AttachedProgram> programs() {
        return ports.stream()
                .map(port -> new AttachedProgram(port.name, port.program.listing()))
                .toList();
    }

    /// Tells once of each interface that hands up spoiled packets.
    void watch() {
        for (Port port : ports) {
            String spoiled = spoiled(port);
            if (!spoiled.isEmpty() && told.add(port)) {
                log.accept(port.name + ": " + spoiled);
            }
        }
    }

    private static String spoiled(Port port) {
        if (port.merged.get() > 0 || port.tooLong() > 0) {
            return "merged packets, longer than the MTU, arrive and are lost; at the sender: ethtool -K"
                    + " INTERFACE tso off gso off";
        }
        if (port.partial.get() > 0) {
            return "partial checksums arrive, and completing them costs time; at the sender:"
                    + " ethtool -K INTERFACE tx off";
        }
        return "";
    }

    List<DirectorStatus.Interface> status() {
        List<DirectorStatus.Interface> all = new ArrayList<>();
        for (Port port : ports) {
            String spoiled = spoiled(port);
            String both = port.advice.isEmpty() || spoiled.isEmpty() ? "" : "; ";
            all.add(
                    new DirectorStatus.Interface(
                            port.name,
                            port.mode(),
                            port.received.get(),
                            port.sent.get(),
                            port.dropped.get() + port.lost(),
                            port.advice + both + spoiled));
        }
        return all;
    }
}
