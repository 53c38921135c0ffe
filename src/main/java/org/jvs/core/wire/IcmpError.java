package org.jvs.core.wire;

import org.jvs.core.net.Protocol;

/**
 * Turns a packet, in place, into an ICMP error about itself (RFC 792, RFC 1812 section 4.3, RFC
 * 4443).
 */
public final class IcmpError {
    /**
     * Longest error about an IPv4 packet in bytes, as Linux sends it (RFC 1812 section 4.3.2.3).
     */
    private static final int V4_MAX = 576;

    private static final int PRECEDENCE_INTERNETCONTROL = 0xc0;
    private static final int TOS_MASK = 0x1e;
    private static final int DEFAULT_TTL = 64;

    private IcmpError() {}

    /**
     * Whether an error about the packet may be sent at all (RFC 1122 section 3.2.2, RFC 4443
     * section 2.4): not about ICMP errors, later fragments, or sources that are no single host.
     */
    public static boolean isAllowed(Packet about) {
        if (about.isLaterFragment()) {
            return false;
        }
        if (about.isIpv6()) {
            boolean unspecified = about.sourceHi() == 0 && about.sourceLo() == 0;
            boolean multicast =
                    about.sourceHi() >>> 56 == 0xff || about.destinationHi() >>> 56 == 0xff;
            if (unspecified || multicast) {
                return false;
            }
            return about.protocol() != Protocol.ICMPV6
                    || about.transport() < about.length() && about.u8(about.transport()) >= 128;
        }
        if (isNoHost(about.sourceLo()) || about.destinationLo() >>> 28 >= 0xe) {
            return false;
        }
        if (about.protocol() != Protocol.ICMP) {
            return true;
        }
        if (about.transport() >= about.length()) {
            return false;
        }
        int type = about.u8(about.transport());
        // errors are 3, 4, 5, 11 and 12; anything unknown counts as one
        return type == 0 || type == 8 || type >= 13 && type <= 18;
    }

    private static boolean isNoHost(long address) {
        return address >>> 24 == 0 || address >>> 24 == 127 || address >>> 28 >= 0xe;
    }

    /**
     * Replaces an IPv4 packet by an error sent from {@code from} to its source.
     *
     * @param rest the second word of the ICMP header: for "fragmentation needed" the MTU
     */
    public static void replaceV4(Packet packet, long from, int type, int code, long rest, int id) {
        int header = Ip.V4_HEADER + Ip.ICMP_HEADER;
        int quoted = Math.min(Math.min(packet.length(), V4_MAX - header), packet.room() - header);
        long to = packet.u32(Ip.V4_SOURCE);
        int tos = packet.u8(Ip.V4_TOS) & TOS_MASK | PRECEDENCE_INTERNETCONTROL;
        packet.move(0, header, quoted);
        packet.setLength(header + quoted);
        packet.putU8(0, 0x45);
        packet.putU8(Ip.V4_TOS, tos);
        packet.putU16(Ip.V4_TOTAL_LENGTH, packet.length());
        packet.putU16(Ip.V4_ID, id);
        packet.putU16(Ip.V4_FRAGMENT, 0);
        packet.putU8(Ip.V4_TTL, DEFAULT_TTL);
        packet.putU8(Ip.V4_PROTOCOL, Protocol.ICMP);
        packet.putU32(Ip.V4_SOURCE, from);
        packet.putU32(Ip.V4_DESTINATION, to);
        Rewrite.headerChecksum(packet, Ip.V4_HEADER);
        int at = Ip.V4_HEADER;
        packet.putU8(at, type);
        packet.putU8(at + Ip.ICMP_CODE, code);
        packet.putU16(at + Ip.ICMP_CHECKSUM, 0);
        packet.putU32(at + Ip.ICMP_REST, rest);
        int sum = Checksum.fold(packet.sum(at, packet.length() - at));
        packet.putU16(at + Ip.ICMP_CHECKSUM, ~sum & 0xffff);
        packet.nextHopIpv6 = false;
        packet.nextHopHi = 0;
        packet.nextHopLo = to;
    }

    /** Replaces an IPv6 packet by an error sent from the given address to its source. */
    public static void replaceV6(
            Packet packet, long fromHi, long fromLo, int type, int code, long rest) {
        int header = Ip.V6_HEADER + Ip.ICMP_HEADER;
        int quoted =
                Math.min(Math.min(packet.length(), Ip.V6_MIN_MTU - header), packet.room() - header);
        long toHi = packet.u64(Ip.V6_SOURCE);
        long toLo = packet.u64(Ip.V6_SOURCE + 8);
        packet.move(0, header, quoted);
        packet.setLength(header + quoted);
        packet.putU32(0, 6L << 28);
        packet.putU16(Ip.V6_PAYLOAD_LENGTH, packet.length() - Ip.V6_HEADER);
        packet.putU8(Ip.V6_NEXT_HEADER, Protocol.ICMPV6);
        packet.putU8(Ip.V6_HOP_LIMIT, DEFAULT_TTL);
        packet.putU64(Ip.V6_SOURCE, fromHi);
        packet.putU64(Ip.V6_SOURCE + 8, fromLo);
        packet.putU64(Ip.V6_DESTINATION, toHi);
        packet.putU64(Ip.V6_DESTINATION + 8, toLo);
        int at = Ip.V6_HEADER;
        packet.putU8(at, type);
        packet.putU8(at + Ip.ICMP_CODE, code);
        packet.putU32(at + Ip.ICMP_REST, rest);
        icmpV6Checksum(packet, at);
        packet.nextHopIpv6 = true;
        packet.nextHopHi = toHi;
        packet.nextHopLo = toLo;
    }

    /**
     * Computes the checksum of the ICMPv6 message at an offset, to the packet's end (RFC 4443
     * section 2.3).
     */
    static void icmpV6Checksum(Packet packet, int at) {
        packet.putU16(at + Ip.ICMP_CHECKSUM, 0);
        int sum = Checksum.fold(icmpV6Sum(packet, at));
        packet.putU16(at + Ip.ICMP_CHECKSUM, ~sum & 0xffff);
    }

    private static long icmpV6Sum(Packet packet, int at) {
        int length = packet.length() - at;
        return packet.sum(Ip.V6_SOURCE, 32) + length + Protocol.ICMPV6 + packet.sum(at, length);
    }

    /** Whether the checksum of the packet's own ICMP or ICMPv6 message is right. */
    public static boolean isIntact(Packet packet) {
        int at = packet.transport();
        long sum = packet.isIpv6() ? icmpV6Sum(packet, at) : packet.sum(at, packet.length() - at);
        return Checksum.fold(sum) == 0xffff;
    }

    /**
     * Translates an ICMP error: new outer address, new address and port in the packet it quotes,
     * new checksums. The quoted transport checksum stays, as the kernel leaves it.
     *
     * @param innerAt offset of the quoted IP header
     * @param portAt offset of the quoted port to change, 0 to leave ports alone
     * @param reply true if it goes to a client (outer source and quoted destination change), false
     *     if to a realserver (outer destination and quoted source change)
     */
    public static void translate(
            Packet packet, int innerAt, int portAt, boolean reply, long hi, long lo, int port) {
        int outer = reply ? Rewrite.sourceField(packet) : Rewrite.destinationField(packet);
        int inner = reply ? Rewrite.destinationField(packet) : Rewrite.sourceField(packet);
        Rewrite.putAddress(packet, outer, hi, lo);
        Rewrite.putAddress(packet, innerAt + inner, hi, lo);
        if (portAt != 0) {
            packet.putU16(portAt, port);
        }
        int at = packet.transport();
        if (packet.isIpv6()) {
            icmpV6Checksum(packet, at);
            return;
        }
        Rewrite.headerChecksum(packet, at);
        int innerHeader = (packet.u8(innerAt) & 15) * 4;
        packet.putU16(innerAt + Ip.V4_CHECKSUM, 0);
        int innerSum = Checksum.fold(packet.sum(innerAt, innerHeader));
        packet.putU16(innerAt + Ip.V4_CHECKSUM, ~innerSum & 0xffff);
        packet.putU16(at + Ip.ICMP_CHECKSUM, 0);
        int sum = Checksum.fold(packet.sum(at, packet.length() - at));
        packet.putU16(at + Ip.ICMP_CHECKSUM, ~sum & 0xffff);
    }
}
