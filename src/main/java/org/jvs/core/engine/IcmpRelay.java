package org.jvs.core.engine;

import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.net.Protocol;
import org.jvs.core.sched.Flow;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Found;
import org.jvs.core.wire.IcmpError;
import org.jvs.core.wire.Ip;
import org.jvs.core.wire.Packet;
import org.jvs.core.wire.Reason;

/**
 * ICMP errors about packets of connections: a realserver's go to the client, a client's to the
 * realserver, both with what they quote translated; errors about tunnel packets are told to the
 * client as errors about what was inside (ip_vs_in_icmp, ip_vs_out_icmp). Everything else in ICMP
 * is the host's business.
 */
final class IcmpRelay {
    private static final int PORTS_BYTES = 4;
    private static final int MIN_MTU = 68;

    private final Director director;
    private final Tracker tracker;
    private final Dispatcher dispatcher;
    private final Forwarder forwarder;
    private final Quoted quoted = new Quoted();
    private final Found found = new Found();

    IcmpRelay(Director director, Tracker tracker, Dispatcher dispatcher, Forwarder forwarder) {
        this.director = director;
        this.tracker = tracker;
        this.dispatcher = dispatcher;
        this.forwarder = forwarder;
    }

    /**
     * The packet that an ICMP error quotes, as far as it is needed, in its own direction: the
     * source is who sent the quoted packet. As a {@link Flow} it is turned round, because an error
     * about a reply is about the connection of a request.
     */
    private static final class Quoted implements Flow {
        int at;
        int portsAt;
        boolean ipv6;
        int protocol;
        long fromHi;
        long fromLo;
        int fromPort;
        long toHi;
        long toLo;
        int toPort;

        /**
         * Reads the header at an offset; false if it is cut short or not of a protocol with ports.
         */
        boolean read(Packet packet, int offset) {
            at = offset;
            ipv6 = packet.isIpv6();
            return ipv6 ? readV6(packet) : readV4(packet);
        }

        private boolean readV4(Packet packet) {
            if (at + Ip.V4_HEADER > packet.length() || packet.u8(at) >>> 4 != 4) {
                return false;
            }
            int header = (packet.u8(at) & 15) * 4;
            boolean later = (packet.u16(at + Ip.V4_FRAGMENT) & Ip.FRAGMENT_OFFSET) != 0;
            if (header < Ip.V4_HEADER || later) {
                return false;
            }
            protocol = packet.u8(at + Ip.V4_PROTOCOL);
            fromHi = 0;
            fromLo = packet.u32(at + Ip.V4_SOURCE);
            toHi = 0;
            toLo = packet.u32(at + Ip.V4_DESTINATION);
            portsAt = at + header;
            return readPorts(packet);
        }

        private boolean readV6(Packet packet) {
            if (at + Ip.V6_HEADER > packet.length() || packet.u8(at) >>> 4 != 6) {
                return false;
            }
            protocol = packet.u8(at + Ip.V6_NEXT_HEADER);
            fromHi = packet.u64(at + Ip.V6_SOURCE);
            fromLo = packet.u64(at + Ip.V6_SOURCE + 8);
            toHi = packet.u64(at + Ip.V6_DESTINATION);
            toLo = packet.u64(at + Ip.V6_DESTINATION + 8);
            portsAt = at + Ip.V6_HEADER;
            return readPorts(packet);
        }

        private boolean readPorts(Packet packet) {
            boolean known = protocol == Protocol.TCP || protocol == Protocol.UDP;
            if (!known || portsAt + PORTS_BYTES > packet.length()) {
                return false;
            }
            fromPort = packet.u16(portsAt);
            toPort = packet.u16(portsAt + 2);
            return true;
        }

        @Override
        public boolean isIpv6() {
            return ipv6;
        }

        @Override
        public int protocol() {
            return protocol;
        }

        @Override
        public long sourceHi() {
            return toHi;
        }

        @Override
        public long sourceLo() {
            return toLo;
        }

        @Override
        public int sourcePort() {
            return toPort;
        }

        @Override
        public long destinationHi() {
            return fromHi;
        }

        @Override
        public long destinationLo() {
            return fromLo;
        }

        @Override
        public int destinationPort() {
            return fromPort;
        }
    }

    /** Handles an ICMP packet of the family's own kind. */
    Verdict process(Packet packet, ConnectionTable table, long nowMs) {
        int at = packet.transport();
        if (at + Ip.ICMP_HEADER > packet.length()) {
            return Engine.pass(packet, Reason.TRUNCATED);
        }
        if (!isError(packet)) {
            return Engine.pass(packet, Reason.NONE);
        }
        int innerAt = at + Ip.ICMP_HEADER;
        if (isTunnel(packet, innerAt)) {
            return aboutTunnel(packet, innerAt, table, nowMs);
        }
        if (!quoted.read(packet, innerAt)) {
            return Engine.pass(packet, Reason.ICMP_UNRELATED);
        }
        int slot = findRequestQuoted(table, (int) nowMs);
        if (slot >= 0 && isNat(found.destination())) {
            return fromRealserver(packet, (int) nowMs);
        }
        return fromClient(packet, table, nowMs);
    }

    private static boolean isError(Packet packet) {
        int type = packet.u8(packet.transport());
        if (packet.isIpv6()) {
            return type < 128;
        }
        return type == Ip.ICMP_UNREACHABLE
                || type == Ip.ICMP_SOURCE_QUENCH
                || type == Ip.ICMP_TIME_EXCEEDED;
    }

    private boolean isNat(int line) {
        return director.destinations.method(line) == ForwardingMethod.NAT.number();
    }

    /** The connection whose forwarded request is quoted: from the client to the realserver. */
    private int findRequestQuoted(ConnectionTable table, int now) {
        if (!director.configuration.realservers.mayContain(quoted.toHi, quoted.toLo)) {
            return ConnectionTable.NONE;
        }
        return table.findReply(
                quoted.fromHi,
                quoted.fromLo,
                quoted.fromPort,
                quoted.ipv6,
                quoted.toHi,
                quoted.toLo,
                quoted.toPort,
                quoted.protocol,
                now,
                found);
    }

    private Verdict fromRealserver(Packet packet, int now) {
        if (!IcmpError.isIntact(packet)) {
            return Engine.drop(packet, Reason.BAD_CHECKSUM);
        }
        Verdict early = forwarder.checkReply(packet, now);
        if (early != null) {
            return early;
        }
        tracker.countOut(found.destination(), packet.length());
        return forwarder.replyIcmp(packet, found, quoted.at, quoted.portsAt + 2);
    }

    private Verdict fromClient(Packet packet, ConnectionTable table, long nowMs) {
        int now = (int) nowMs;
        int slot =
                table.find(
                        quoted.toHi,
                        quoted.toLo,
                        quoted.toPort,
                        quoted.fromHi,
                        quoted.fromLo,
                        quoted.fromPort,
                        quoted.protocol,
                        ConnectionTable.CONNECTION,
                        now,
                        found);
        int line = found.destination();
        int port = found.destinationPort();
        if (slot < 0) {
            if (!director.settings.scheduleIcmp()) {
                return Engine.pass(packet, Reason.ICMP_UNRELATED);
            }
            slot = dispatcher.schedule(packet, quoted, table, true, nowMs);
            if (slot == Dispatcher.DROPPED) {
                return Verdict.DROP;
            }
            if (slot < 0) {
                return Verdict.PASS;
            }
            line = dispatcher.destination();
            port = dispatcher.port();
        }
        if (!IcmpError.isIntact(packet)) {
            return Engine.drop(packet, Reason.BAD_CHECKSUM);
        }
        tracker.countIn(line, packet.length());
        return forwarder.forwardIcmp(packet, line, quoted.at, quoted.portsAt, port, now);
    }

    private static boolean isTunnel(Packet packet, int innerAt) {
        return !packet.isIpv6()
                && innerAt + Ip.V4_HEADER <= packet.length()
                && packet.u8(innerAt) >>> 4 == 4
                && packet.u8(innerAt + Ip.V4_PROTOCOL) == Protocol.IPIP;
    }

    /** An error about one of our own tunnel packets becomes one about the client's packet in it. */
    private Verdict aboutTunnel(Packet packet, int outerAt, ConnectionTable table, long nowMs) {
        int now = (int) nowMs;
        if (!director.host.isLocal(false, packet.destinationHi(), packet.destinationLo())) {
            return Engine.pass(packet, Reason.ICMP_UNRELATED);
        }
        int innerAt = outerAt + (packet.u8(outerAt) & 15) * 4;
        if (!quoted.read(packet, innerAt)) {
            return Engine.pass(packet, Reason.ICMP_UNRELATED);
        }
        int slot =
                table.find(
                        quoted.fromHi,
                        quoted.fromLo,
                        quoted.fromPort,
                        quoted.toHi,
                        quoted.toLo,
                        quoted.toPort,
                        quoted.protocol,
                        ConnectionTable.CONNECTION,
                        now,
                        found);
        if (slot < 0) {
            return Engine.pass(packet, Reason.ICMP_UNRELATED);
        }
        if (!IcmpError.isIntact(packet)) {
            return Engine.drop(packet, Reason.BAD_CHECKSUM);
        }
        int type = packet.u8(packet.transport());
        int code = packet.u8(packet.transport() + Ip.ICMP_CODE);
        long rest = packet.u32(packet.transport() + Ip.ICMP_REST);
        if (type == Ip.ICMP_UNREACHABLE && code == Ip.ICMP_FRAGMENTATION_NEEDED) {
            int line = found.destination();
            int before =
                    director.host.mtu(
                            false,
                            director.destinations.addressHi(line),
                            director.destinations.addressLo(line));
            learn(packet, outerAt, line, (int) rest & 0xffff, nowMs);
            boolean dontFragment = (packet.u16(outerAt + Ip.V4_FRAGMENT) & Ip.DONT_FRAGMENT) != 0;
            if (!dontFragment) {
                return Engine.drop(packet, Reason.TOO_BIG);
            }
            // the kernel has the old value at hand still when it answers
            rest = innerMtu(before);
        }
        int left = packet.length() - innerAt;
        packet.move(innerAt, 0, left);
        packet.setLength(left);
        if (packet.parseQuoted() != Reason.NONE) {
            return Engine.drop(packet, Reason.BAD_HEADER);
        }
        packet.reason = Reason.TOO_BIG;
        return forwarder.error(packet, type, code, rest, now);
    }

    /** Only of the way to where the tunnel leads: who sends errors could name any address. */
    private void learn(Packet packet, int outerAt, int line, int mtu, long nowMs) {
        boolean ours =
                director.host.isLocal(false, 0, packet.u32(outerAt + Ip.V4_SOURCE))
                        && !director.destinations.isIpv6(line)
                        && packet.u32(outerAt + Ip.V4_DESTINATION)
                                == director.destinations.addressLo(line);
        if (ours) {
            director.host.learnMtu(false, 0, packet.u32(outerAt + Ip.V4_DESTINATION), mtu, nowMs);
        }
    }

    private static long innerMtu(int mtu) {
        return mtu > MIN_MTU + Ip.V4_HEADER ? mtu - Ip.V4_HEADER : mtu;
    }
}
