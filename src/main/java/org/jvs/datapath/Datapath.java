package org.jvs.datapath;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.DirectorStatus;
import org.jvs.core.admin.Outcome;
import org.jvs.core.engine.Director;
import org.jvs.core.engine.Host;
import org.jvs.datapath.program.HopLines;
import org.jvs.linux.Link;
import org.jvs.linux.LinuxException;
import org.jvs.linux.Umem;

/// The real packets of one director in one network namespace.
///
/// ```
/// Datapath datapath = Datapath.open(Set.of(), false, log);
/// Director director = new Director(options, datapath.host(), arena);
/// datapath.start(director, hopLines, clock, failed);
/// datapath.follow(commands, director.apply(commands), now);   // after every batch
/// ```
///
/// All of it ends with [#close()] or with the process: programs, sockets, the interface `jvs0`.
public final class Datapath implements AutoCloseable {
    private static final int FRAMES = 16384;
    private static final int ETHERNET_MTU = 1500;
    private static final int SMALL_FRAME = 2048;

    private final Set<String> only;
    private final boolean generic;
    private final Consumer<String> log;
    private final HostTables host = new HostTables();
    private final ResolveRequests requests = new ResolveRequests();
    private final NetworkWatcher watcher;
    private final ServiceFilter filter;
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private @Nullable HostPath hostPath;
    private @Nullable HostRules hostRules;
    private @Nullable Umem umem;
    private @Nullable Attacher attacher;
    private @Nullable PacketLoop loop;
    private @Nullable Interfaces interfaces;
    private @Nullable HopKeeper hops;

    private Datapath(Set<String> only, boolean generic, Consumer<String> log) {
        this.only = Set.copyOf(only);
        this.generic = generic;
        this.log = log;
        watcher = new NetworkWatcher(host, requests, log);
        try {
            filter = new ServiceFilter(host);
        } catch (RuntimeException e) {
            watcher.close();
            throw e;
        }
    }

    /// Reads the kernel's tables in the calling thread's namespace; attaches to nothing yet.
    ///
    /// @param only names of the interfaces to attach to; empty for all that carry traffic
    /// @param generic use generic mode even where native mode would do
    /// @param log gets lines for people about interfaces
    /// @throws LinuxException if the kernel refuses, EPERM unless root
    /// @throws IllegalArgumentException if there is no Ethernet interface of such a name
    public static Datapath open(Set<String> only, boolean generic, Consumer<String> log) {
        Datapath datapath = new Datapath(only, generic, log);
        for (String name : only) {
            String fault = datapath.fault(name);
            if (fault != null) {
                datapath.close();
                throw new IllegalArgumentException(fault);
            }
        }
        return datapath;
    }

    /// Why an interface of that name could never be attached to, or null.
    private @Nullable String fault(String name) {
        List<String> able = new ArrayList<>();
        boolean exists = false;
        for (Link link : host.snapshot().links.values()) {
            exists |= link.name().equals(name);
            if (link.isEthernet() && !link.isLoopback() && !link.name().equals(HostPath.NAME)) {
                able.add(link.name());
            }
        }
        if (able.contains(name)) {
            return null;
        }
        return (exists
                        ? "'"
                                + name
                                + "' is no Ethernet interface, and only such can be attached to"
                        : "there is no interface '" + name + "' in this network namespace")
                + (able.isEmpty() ? "" : "; there are " + String.join(", ", able));
    }

    /// The machine as the director's engine sees it.
    public Host host() {
        return host;
    }

    /// Attaches and begins to forward. From the same namespace as [#open].
    ///
    /// @param hopLines where the way to each destination is kept for programs
    /// @param clockMs the director's clock, in milliseconds
    /// @param failed hears why the packet thread ended, if it did; nothing is forwarded then
    public void start(
            Director director,
            HopLines hopLines,
            LongSupplier clockMs,
            Consumer<Throwable> failed) {
        openHostPath();
        Umem memory = Umem.allocate(FRAMES, frameBytes());
        umem = memory;
        Attacher attaching = new Attacher(memory, filter.map(), generic);
        attacher = attaching;
        PacketLoop packets =
                new PacketLoop(
                        director.engine(),
                        host,
                        memory,
                        requests,
                        watcher::wakeup,
                        hostPath,
                        clockMs,
                        failed);
        loop = packets;
        packets.start();
        Interfaces attached = new Interfaces(attaching, packets, only, log);
        interfaces = attached;
        HopKeeper keeper =
                new HopKeeper(
                        host,
                        director.destinations(),
                        hopLines,
                        attached::isAttached,
                        clockMs,
                        watcher::wakeup);
        hops = keeper;
        watcher.serve(keeper.requests());
        openHostRules(packets, memory.frameBytes());
        watcher.start(
                new NetworkWatcher.Listener() {
                    @Override
                    public void networkChanged(List<Link> links) {
                        filter.hostChanged();
                        followMtu(memory.frameBytes());
                        attached.follow(links);
                        packets.wakeup();
                        keeper.refresh();
                    }

                    @Override
                    public void neighboursChanged() {
                        packets.wakeup();
                        keeper.refresh();
                    }
                });
    }

    private void openHostPath() {
        try {
            hostPath = HostPath.open(watcher.netlink());
        } catch (LinuxException e) {
            warn(
                    "no way to give packets back to the host ("
                            + e.getMessage()
                            + "); what is handed up and is not a director's is lost");
        }
        String advice = HostPath.advice();
        if (advice != null) {
            warn(advice);
        }
    }

    private void openHostRules(PacketLoop packets, int frameBytes) {
        HostPath path = hostPath;
        if (path == null) {
            return;
        }
        HostRules rules =
                new HostRules(
                        watcher.netlink(),
                        path.index(),
                        hostMtu(frameBytes),
                        packets::listenToHost,
                        this::warn);
        hostRules = rules;
        filter.onOwnServers(servers -> {
            synchronized (rules) {
                rules.follow(servers);
            }
        });
    }

    private void followMtu(int frameBytes) {
        HostRules rules = hostRules;
        if (rules != null) {
            synchronized (rules) {
                rules.mtu(hostMtu(frameBytes));
            }
        }
    }

    /// The longest packet that any interface and a frame can take.
    private int hostMtu(int frameBytes) {
        List<Link> links = host.snapshot().links.values();
        int shortest =
                links.stream()
                        .filter(link -> Interfaces.isWanted(link, links, Set.of()))
                        .mapToInt(Link::mtu)
                        .min()
                        .orElse(ETHERNET_MTU);
        // one byte more in a frame tells a packet that was cut
        return Math.min(shortest, frameBytes - HostAnswers.HEADROOM - 1);
    }

    private void warn(String text) {
        warnings.add(text);
        log.accept(text);
    }

    private int frameBytes() {
        List<Link> links = host.snapshot().links.values();
        int longest =
                links.stream()
                        .filter(link -> Interfaces.isWanted(link, links, only))
                        .mapToInt(Link::mtu)
                        .max()
                        .orElse(0);
        return longest + Egress.ETHERNET <= Attacher.room(SMALL_FRAME)
                ? SMALL_FRAME
                : Attacher.MAX_FRAME;
    }

    /// Has packets handed up as these commands demand, which the director carried out.
    public void follow(List<Command> commands, List<Outcome> outcomes, long nowMs) {
        HopKeeper keeper = hops;
        if (keeper != null) {
            keeper.follow();
        }
        filter.follow(commands, outcomes, nowMs);
    }

    /// Returns when what the kernel's tables say now is what [#host] says; at most a second later.
    public void settle() {
        watcher.settle();
    }

    /// Looks after what lingers and what is wrong; to be called every second or so.
    public void advance(long nowMs) {
        filter.advance(nowMs);
        host.advance(nowMs);
        HopKeeper keeper = hops;
        if (keeper != null) {
            keeper.advance();
        }
        Interfaces attached = interfaces;
        if (attached != null) {
            attached.watch();
        }
    }

    /// Names and modes of the interfaces attached to, as in `eth0 native`.
    public List<String> names() {
        Interfaces attached = interfaces;
        return attached == null ? List.of() : attached.names();
    }

    /// The programs that the interfaces run.
    public List<AttachedProgram> programs() {
        Interfaces attached = interfaces;
        return attached == null ? List.of() : attached.programs();
    }

    /// What the kernel said about interfaces that could not be attached to.
    public List<String> refusals() {
        Interfaces attached = interfaces;
        return attached == null ? List.of() : attached.refusals();
    }

    /// Destinations that packets cannot be sent to, for `jvs status`.
    public List<DirectorStatus.Unreachable> unreachable() {
        HopKeeper keeper = hops;
        return keeper == null ? List.of() : keeper.unreachable();
    }

    /// Interfaces for `jvs status`.
    public List<DirectorStatus.Interface> status() {
        List<DirectorStatus.Interface> all = new ArrayList<>();
        Interfaces attached = interfaces;
        if (attached != null) {
            all.addAll(attached.status());
        }
        HostPath path = hostPath;
        String advice = String.join("; ", warnings);
        if (path != null) {
            // seen from the director: what it gave to the host is what it sent
            PacketLoop packets = loop;
            long received = packets == null ? 0 : packets.receivedFromHost();
            all.add(
                    new DirectorStatus.Interface(
                            HostPath.NAME, "host", received, path.sent(), path.lost(), advice));
        } else if (!advice.isEmpty()) {
            all.add(new DirectorStatus.Interface(HostPath.NAME, "missing", 0, 0, 0, advice));
        }
        return all;
    }

    @Override
    public void close() {
        HostRules rules = hostRules;
        if (rules != null) {
            filter.onOwnServers(_ -> {});
            synchronized (rules) {
                rules.close();
            }
        }
        watcher.close();
        Interfaces attached = interfaces;
        if (attached != null) {
            attached.close();
        }
        PacketLoop packets = loop;
        if (packets != null) {
            packets.close();
        }
        Attacher attaching = attacher;
        if (attaching != null) {
            attaching.close();
        }
        HostPath path = hostPath;
        if (path != null) {
            path.close();
        }
        filter.close();
        Umem memory = umem;
        if (memory != null) {
            memory.close();
        }
    }
}
