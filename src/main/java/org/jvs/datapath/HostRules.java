package org.jvs.datapath;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.linux.Errno;
import org.jvs.linux.LinuxException;
import org.jvs.linux.Netlink;
import org.jvs.linux.Prefix;
import org.jvs.linux.Route;
import org.jvs.linux.Rule;

/// Has the host send to [HostPath] what its own servers answer, where they are realservers behind
/// NAT: for each one's address, protocol and port a policy rule that leads to a routing table of
/// our own, and in that a default route to `jvs0`. A server's "port unreachable" needs a rule for
/// its address's ICMP.
///
/// When the director dies, `jvs0` takes the routes with it. The rules stay, find an empty table,
/// and the host goes on with the next rule as if they were not there. The next director removes
/// them.
///
/// Not for several threads at once.
final class HostRules implements AutoCloseable {
    /// "JVS" in ASCII.
    static final int TABLE = 0x4a5653;

    /// "J": the owner's number in the kernel, where keepalived has 18 and FRR 196.
    static final int OWNER = 0x4a;

    /// Right after the host's own addresses, before whatever an administrator has.
    static final int PRIORITY = 1;

    /// The host asks all rules in turn for all that it sends.
    static final int MAX_RULES = 256;

    private static final int MIN_MTU_IPV6 = 1280;

    private final Netlink netlink;
    private final int tun;
    private final Runnable listen;
    private final Consumer<String> log;
    private final Set<Rule> present = new HashSet<>();
    private final Set<Family> routed = new HashSet<>();
    private final Set<String> warned = new HashSet<>();
    private int mtu;

    /// Removes what a dead director left.
    ///
    /// @param tun index of `jvs0`
    /// @param mtu of the routes, in bytes
    /// @param listen begins to read from `jvs0`; called before the first rule
    HostRules(Netlink netlink, int tun, int mtu, Runnable listen, Consumer<String> log) {
        this.netlink = netlink;
        this.tun = tun;
        this.mtu = mtu;
        this.listen = listen;
        this.log = log;
        for (Family family : Family.values()) {
            removeLeftovers(family);
        }
    }

    private void removeLeftovers(Family family) {
        try {
            for (Rule rule : netlink.rules().list(family)) {
                if (rule.owner() == OWNER && rule.table() == TABLE) {
                    netlink.rules().delete(rule);
                }
            }
        } catch (LinuxException e) {
            // no IPv6, or no policy routing: no leftovers either
            if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.EAFNOSUPPORT) {
                log.accept("removing rules of an earlier director: " + e.getMessage());
            }
        }
    }

    /// Makes the rules as they are wanted now.
    ///
    /// @param servers address, protocol and port of each of the host's own realservers behind NAT
    void follow(Set<FilterKey> servers) {
        Set<Rule> wanted = new HashSet<>();
        for (FilterKey server : servers) {
            wanted.add(rule(server.address(), server.protocol(), server.port()));
            if (server.protocol() == Protocol.UDP) {
                boolean ipv6 = server.address().isIpv6();
                wanted.add(rule(server.address(), ipv6 ? Protocol.ICMPV6 : Protocol.ICMP, 0));
            }
        }
        for (Rule rule : List.copyOf(present)) {
            if (!wanted.contains(rule)) {
                remove(rule);
            }
        }
        for (Rule rule : wanted) {
            if (!present.contains(rule)) {
                add(rule);
            }
        }
    }

    private static Rule rule(Address source, int protocol, int port) {
        return new Rule(source, protocol, port, TABLE, PRIORITY, OWNER);
    }

    private void remove(Rule rule) {
        present.remove(rule);
        try {
            netlink.rules().delete(rule);
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOENT) {
                log.accept(e.getMessage());
            }
        }
    }

    private void add(Rule rule) {
        if (present.size() >= MAX_RULES) {
            warn(
                    "more than "
                            + MAX_RULES
                            + " NAT destinations on this machine itself: answers of some leave"
                            + " untranslated");
            return;
        }
        try {
            if (!routed.contains(rule.source().family())) {
                listen.run();
                route(rule.source().family());
            }
            netlink.rules().add(rule);
            present.add(rule);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EEXIST) {
                present.add(rule);
            } else {
                warn(
                        "answers of "
                                + rule.source()
                                + ", which is this machine, leave untranslated: "
                                + e.getMessage());
            }
        }
    }

    /// The MTU is that of the narrowest interface, since it is not known yet by which one a packet
    /// leaves. It is locked: what routers say to the host goes to the routes by which it would send
    /// without our rules, and IPv4 packets that must not be cut would be lost forever.
    private void route(Family family) {
        int bytes = family == Family.IPV6 ? Math.max(mtu, MIN_MTU_IPV6) : mtu;
        netlink.routes()
                .add(
                        new Route(
                                Route.Type.UNICAST,
                                Prefix.any(family),
                                null,
                                tun,
                                null,
                                0,
                                TABLE,
                                bytes,
                                List.of()),
                        family == Family.IPV4);
        routed.add(family);
    }

    /// Changes the routes' MTU.
    void mtu(int bytes) {
        if (bytes == mtu) {
            return;
        }
        mtu = bytes;
        for (Family family : routed) {
            try {
                route(family);
            } catch (LinuxException e) {
                log.accept(e.getMessage());
            }
        }
    }

    private void warn(String text) {
        if (warned.add(text)) {
            log.accept(text);
        }
    }

    /// Removes the rules; routes go with `jvs0`.
    @Override
    public void close() {
        List.copyOf(present).forEach(this::remove);
    }
}
