package org.jvs.core.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.table.Destinations;
import org.jvs.core.table.Found;
import org.jvs.core.wire.IcmpError;
import org.jvs.core.wire.Ip;
import org.jvs.core.wire.Packet;
import org.jvs.core.wire.Reason;
import org.jvs.core.wire.Rewrite;
import org.jvs.core.wire.Tunnel;

/**
 * Rewrites packets on their way by the destination's forwarding method (ip_vs_xmit.c), and makes
 * the ICMP errors that stop some of them: time to live, path MTU, no route.
 */
final class Forwarder {
    /** A route whose MTU is this leads to the machine itself. */
    private static final int LOCAL = ClientPaths.LOCAL;

    private static final int UNKNOWN = -2;

    private final Director director;
    private final Destinations destinations;
    private final Host host;
    private final Host.Source source = new Host.Source();
    private final IcmpBudget budget;

    /**
     * MTU towards each destination, or one of the constants above; good for one version of the
     * host's answers.
     */
    private final int[] mtus;

    private final ClientPaths clients;
    private int hostVersion;
    private int nextId = 1;

    Forwarder(Director director) {
        this.director = director;
        this.destinations = director.destinations;
        this.host = director.host;
        this.budget = new IcmpBudget(director.options.icmpPerSecond());
        this.mtus = new int[director.options.destinations()];
        this.hostVersion = host.version() - 1;
        Arrays.fill(mtus, UNKNOWN);
        this.clients = new ClientPaths(host);
    }

    private int mtuTo(int line) {
        // a line may have been given to another address
        int version = host.version() + destinations.released();
        if (version != hostVersion) {
            Arrays.fill(mtus, UNKNOWN);
            hostVersion = version;
        }
        int mtu = mtus[line];
        if (mtu == UNKNOWN || mtu == 0) {
            mtu = askMtu(line);
            mtus[line] = mtu;
        }
        return mtu;
    }

    private int askMtu(int line) {
        boolean ipv6 = destinations.isIpv6(line);
        long hi = destinations.addressHi(line);
        long lo = destinations.addressLo(line);
        return host.isLocal(ipv6, hi, lo) ? LOCAL : host.mtu(ipv6, hi, lo);
    }

    /**
     * Sends a packet to a destination.
     *
     * @param port the destination's port for this connection; 0 if the packet has no ports to
     *     rewrite
     */
    Verdict forward(Packet packet, int line, int port, int now) {
        boolean nat = destinations.method(line) == ForwardingMethod.NAT.number();
        int mtu = mtuTo(line);
        if (mtu == LOCAL) {
            if (nat) {
                translate(packet, line, port);
            }
            return Verdict.LOCAL;
        }
        Verdict stopped = checkWay(packet, line, mtu, false, now);
        if (stopped != null) {
            return stopped;
        }
        if (nat) {
            translate(packet, line, port);
        } else if (destinations.method(line) == ForwardingMethod.TUNNEL.number()) {
            return encapsulate(packet, line, mtu);
        }
        return towards(packet, line, mtu);
    }

    private void translate(Packet packet, int line, int port) {
        long hi = destinations.addressHi(line);
        long lo = destinations.addressLo(line);
        if (packet.hasPorts()) {
            Rewrite.destination(packet, hi, lo, port);
        } else {
            Rewrite.destinationAddress(packet, hi, lo);
        }
    }

    /** Sends an ICMP error of a client on to the destination whose packet it is about. */
    Verdict forwardIcmp(Packet packet, int line, int innerAt, int portAt, int port, int now) {
        int mtu = mtuTo(line);
        boolean nat = destinations.method(line) == ForwardingMethod.NAT.number();
        if (mtu != LOCAL) {
            Verdict stopped = checkWay(packet, line, mtu, true, now);
            if (stopped != null) {
                return stopped;
            }
        }
        if (nat) {
            IcmpError.translate(
                    packet,
                    innerAt,
                    portAt,
                    false,
                    destinations.addressHi(line),
                    destinations.addressLo(line),
                    port);
        }
        if (mtu == LOCAL) {
            return Verdict.LOCAL;
        }
        if (destinations.method(line) == ForwardingMethod.TUNNEL.number()) {
            return encapsulate(packet, line, mtu);
        }
        return towards(packet, line, mtu);
    }

    /** TTL, path MTU and route; takes one off the TTL. Null if the packet may go. */
    private @Nullable Verdict checkWay(Packet packet, int line, int mtu, boolean icmp, int now) {
        if (mtu == 0) {
            return hostUnreachable(packet, now);
        }
        if (packet.ttl() <= 1) {
            return timeExceeded(packet, now);
        }
        Rewrite.decrementTtl(packet);
        boolean tunnel = destinations.method(line) == ForwardingMethod.TUNNEL.number();
        int room = tunnel ? mtu - Tunnel.overhead(destinations.isIpv6(line)) : mtu;
        if (packet.length() <= room || !packet.dontFragment() || icmp) {
            return null;
        }
        if (tunnel && !packet.isIpv6() && !director.settings.pmtuDisc()) {
            return null;
        }
        return tooBig(packet, room, now);
    }

    private Verdict encapsulate(Packet packet, int line, int mtu) {
        boolean outerIpv6 = destinations.isIpv6(line);
        if (destinations.tunnelKind(line) != DestinationSpec.Tunnel.Type.IPIP.number()) {
            return Engine.drop(packet, Reason.UNSUPPORTED);
        }
        if (packet.headroom() < Tunnel.overhead(outerIpv6)) {
            return Engine.drop(packet, Reason.NO_HEADROOM);
        }
        long hi = destinations.addressHi(line);
        long lo = destinations.addressLo(line);
        if (!host.source(outerIpv6, hi, lo, source)) {
            return Engine.drop(packet, Reason.NO_ROUTE);
        }
        if (outerIpv6) {
            Tunnel.wrapIpv6(packet, source.hi, source.lo, hi, lo);
        } else {
            boolean dontFragment =
                    !packet.isIpv6() && director.settings.pmtuDisc() && packet.dontFragment();
            Tunnel.wrapIpv4(packet, source.lo, lo, dontFragment, nextId());
        }
        return towards(packet, line, mtu);
    }

    private int nextId() {
        nextId = nextId + 1 & 0xffff;
        return nextId == 0 ? nextId = 1 : nextId;
    }

    private Verdict towards(Packet packet, int line, int mtu) {
        packet.nextHopIpv6 = destinations.isIpv6(line);
        packet.nextHopHi = destinations.addressHi(line);
        packet.nextHopLo = destinations.addressLo(line);
        packet.mtu = mtu;
        return Verdict.FORWARD;
    }

    /**
     * What IP forwarding checks before IPVS sees a reply. Null if the packet may go; its TTL is
     * untouched.
     */
    @Nullable Verdict checkReply(Packet packet, int now) {
        int mtu = clients.mtu(packet.isIpv6(), packet.destinationHi(), packet.destinationLo());
        if (mtu == LOCAL) {
            packet.mtu = LOCAL;
            return null;
        }
        if (mtu == 0) {
            return hostUnreachable(packet, now);
        }
        if (packet.ttl() <= 1 && !packet.fromHost) {
            return timeExceeded(packet, now);
        }
        packet.mtu = mtu;
        if (packet.length() > mtu && packet.dontFragment()) {
            return tooBig(packet, mtu, now);
        }
        return null;
    }

    /** Sends a checked reply to the client, in the name of the virtual address. */
    Verdict reply(Packet packet, Found found) {
        long hi = found.virtualHi();
        long lo = found.virtualLo();
        boolean local = packet.mtu == LOCAL;
        if (!local && !packet.fromHost) {
            Rewrite.decrementTtl(packet);
        }
        if (packet.hasPorts()) {
            Rewrite.source(packet, hi, lo, found.virtualPort());
        } else {
            Rewrite.sourceAddress(packet, hi, lo);
        }
        return toDestination(packet, local);
    }

    /**
     * Sends a checked ICMP error of a realserver to the client, in the name of the virtual address.
     */
    Verdict replyIcmp(Packet packet, Found found, int innerAt, int portAt) {
        boolean local = packet.mtu == LOCAL;
        if (!local && !packet.fromHost) {
            Rewrite.decrementTtl(packet);
        }
        IcmpError.translate(
                packet,
                innerAt,
                portAt,
                true,
                found.virtualHi(),
                found.virtualLo(),
                found.virtualPort());
        return toDestination(packet, local);
    }

    private static Verdict toDestination(Packet packet, boolean local) {
        packet.nextHopIpv6 = packet.isIpv6();
        packet.nextHopHi = packet.destinationHi();
        packet.nextHopLo = packet.destinationLo();
        return local ? Verdict.LOCAL : Verdict.FORWARD;
    }

    private Verdict hostUnreachable(Packet packet, int now) {
        packet.reason = Reason.NO_ROUTE;
        // RFC 792: code 1 is "host unreachable"; RFC 4443: code 3 is "address unreachable"
        return packet.isIpv6()
                ? error(packet, Ip.ICMPV6_UNREACHABLE, 3, 0, now)
                : error(packet, Ip.ICMP_UNREACHABLE, 1, 0, now);
    }

    private Verdict timeExceeded(Packet packet, int now) {
        packet.reason = Reason.TTL_EXCEEDED;
        return error(
                packet,
                packet.isIpv6() ? Ip.ICMPV6_TIME_EXCEEDED : Ip.ICMP_TIME_EXCEEDED,
                0,
                0,
                now);
    }

    private Verdict tooBig(Packet packet, int mtu, int now) {
        packet.reason = Reason.TOO_BIG;
        return packet.isIpv6()
                ? error(packet, Ip.ICMPV6_TOO_BIG, 0, mtu, now)
                : error(packet, Ip.ICMP_UNREACHABLE, Ip.ICMP_FRAGMENTATION_NEEDED, mtu, now);
    }

    /** Answers a packet with "port unreachable". */
    Verdict portUnreachable(Packet packet, Reason reason, int now) {
        packet.reason = reason;
        return packet.isIpv6()
                ? error(packet, Ip.ICMPV6_UNREACHABLE, Ip.ICMPV6_PORT_UNREACHABLE, 0, now)
                : error(packet, Ip.ICMP_UNREACHABLE, Ip.ICMP_PORT_UNREACHABLE, 0, now);
    }

    /**
     * Replaces the packet by an ICMP error about it, sent from the address it was sent to if that
     * is ours, else from the one that this machine uses towards its sender.
     */
    Verdict error(Packet packet, int type, int code, long rest, int now) {
        if (!IcmpError.isAllowed(packet)) {
            return Verdict.DROP;
        }
        if (!budget.take(now)) {
            // the cause was counted by the caller's reason; this says why nobody was told
            packet.reason = Reason.ICMP_LIMITED;
            return Verdict.DROP;
        }
        boolean ipv6 = packet.isIpv6();
        source.hi = packet.destinationHi();
        source.lo = packet.destinationLo();
        // the kernel answers in the name of any local IPv4 address, but only of assigned IPv6 ones
        boolean ours =
                ipv6
                        ? host.isAssigned(true, source.hi, source.lo)
                        : host.isLocal(false, source.hi, source.lo);
        if (!ours && !host.source(ipv6, packet.sourceHi(), packet.sourceLo(), source)) {
            return Verdict.DROP;
        }
        packet.mtu = host.mtu(ipv6, packet.sourceHi(), packet.sourceLo());
        if (ipv6) {
            IcmpError.replaceV6(packet, source.hi, source.lo, type, code, rest);
        } else {
            IcmpError.replaceV4(packet, source.lo, type, code, rest, nextId());
        }
        return Verdict.REPLY;
    }
}
