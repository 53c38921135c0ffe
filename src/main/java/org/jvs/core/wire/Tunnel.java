package org.jvs.core.wire;

import org.jvs.core.net.Protocol;

/**
 * IPIP encapsulation in all four mixes of families (RFC 2003, RFC 2473, RFC 4213) as IPVS does it:
 * the outer TTL is the inner one, traffic class is copied, an ECN mark of congestion is not (RFC
 * 6040: ECT(0) outside, CE stays inside).
 */
public final class Tunnel {
    private static final int ECN_MASK = 3;
    private static final int ECN_CE = 3;
    private static final int ECN_ECT0 = 2;

    private Tunnel() {}

    /** Length of the outer header in bytes. */
    public static int overhead(boolean outerIpv6) {
        return outerIpv6 ? Ip.V6_HEADER : Ip.V4_HEADER;
    }

    /** Puts an IPv4 header before the packet. */
    public static void wrapIpv4(
            Packet packet, long source, long destination, boolean dontFragment, int id) {
        int tos = outerTos(packet);
        int ttl = packet.ttl();
        int protocol = packet.isIpv6() ? Protocol.IPV6 : Protocol.IPIP;
        packet.prepend(Ip.V4_HEADER);
        packet.putU8(0, 0x45);
        packet.putU8(Ip.V4_TOS, tos);
        packet.putU16(Ip.V4_TOTAL_LENGTH, packet.length());
        packet.putU16(Ip.V4_ID, dontFragment ? 0 : id);
        packet.putU16(Ip.V4_FRAGMENT, dontFragment ? Ip.DONT_FRAGMENT : 0);
        packet.putU8(Ip.V4_TTL, ttl);
        packet.putU8(Ip.V4_PROTOCOL, protocol);
        packet.putU32(Ip.V4_SOURCE, source);
        packet.putU32(Ip.V4_DESTINATION, destination);
        Rewrite.headerChecksum(packet, Ip.V4_HEADER);
    }

    /** Puts an IPv6 header before the packet. */
    public static void wrapIpv6(
            Packet packet, long sourceHi, long sourceLo, long destinationHi, long destinationLo) {
        int trafficClass = outerTos(packet);
        int hopLimit = packet.ttl();
        int next = packet.isIpv6() ? Protocol.IPV6 : Protocol.IPIP;
        int payload = packet.length();
        packet.prepend(Ip.V6_HEADER);
        packet.putU32(0, 6L << 28 | (long) trafficClass << 20);
        packet.putU16(Ip.V6_PAYLOAD_LENGTH, payload);
        packet.putU8(Ip.V6_NEXT_HEADER, next);
        packet.putU8(Ip.V6_HOP_LIMIT, hopLimit);
        packet.putU64(Ip.V6_SOURCE, sourceHi);
        packet.putU64(Ip.V6_SOURCE + 8, sourceLo);
        packet.putU64(Ip.V6_DESTINATION, destinationHi);
        packet.putU64(Ip.V6_DESTINATION + 8, destinationLo);
    }

    private static int outerTos(Packet packet) {
        int inner = packet.isIpv6() ? packet.u16(0) >>> 4 & 0xff : packet.u8(Ip.V4_TOS);
        return (inner & ECN_MASK) == ECN_CE ? inner & ~ECN_MASK | ECN_ECT0 : inner;
    }
}
