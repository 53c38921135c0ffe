package org.jvs.core.wire;

import org.jvs.core.net.Protocol;

/**
 * Changes to packets that keep their checksums right, by RFC 1624; a wrong checksum stays exactly
 * as wrong.
 */
public final class Rewrite {
    private Rewrite() {}

    /** Takes one off TTL or hop limit. */
    public static void decrementTtl(Packet packet) {
        if (packet.isIpv6()) {
            packet.putU8(Ip.V6_HOP_LIMIT, packet.u8(Ip.V6_HOP_LIMIT) - 1);
            return;
        }
        int before = packet.u16(Ip.V4_TTL);
        int after = before - 0x100;
        packet.putU16(Ip.V4_TTL, after);
        updateHeader(packet, Checksum.delta(before, after));
    }

    private static void updateHeader(Packet packet, long delta) {
        packet.putU16(Ip.V4_CHECKSUM, Checksum.update(packet.u16(Ip.V4_CHECKSUM), delta));
    }

    /** Gives a TCP or UDP packet a new destination. */
    public static void destination(Packet packet, long hi, long lo, int port) {
        int portAt = packet.transport() + 2;
        int oldPort = packet.destinationPort();
        if (packet.isIpv6()) {
            long before = Checksum.sumAddress(packet.destinationHi(), packet.destinationLo());
            putAddress(packet, Ip.V6_DESTINATION, hi, lo);
            packet.putU16(portAt, port);
            long after = Checksum.sumAddress(hi, lo);
            updateTransport(packet, Checksum.delta(before + oldPort, after + port));
            return;
        }
        long before = packet.destinationLo();
        updateHeader(packet, Checksum.delta(before, lo));
        packet.putU32(Ip.V4_DESTINATION, lo);
        packet.putU16(portAt, port);
        updateTransport(packet, Checksum.delta(before + oldPort, lo + port));
    }

    /** Gives a TCP or UDP packet a new source. */
    public static void source(Packet packet, long hi, long lo, int port) {
        int portAt = packet.transport();
        int oldPort = packet.sourcePort();
        if (packet.isIpv6()) {
            long before = Checksum.sumAddress(packet.sourceHi(), packet.sourceLo());
            putAddress(packet, Ip.V6_SOURCE, hi, lo);
            packet.putU16(portAt, port);
            long after = Checksum.sumAddress(hi, lo);
            updateTransport(packet, Checksum.delta(before + oldPort, after + port));
            return;
        }
        long before = packet.sourceLo();
        updateHeader(packet, Checksum.delta(before, lo));
        packet.putU32(Ip.V4_SOURCE, lo);
        packet.putU16(portAt, port);
        updateTransport(packet, Checksum.delta(before + oldPort, lo + port));
    }

    /** Gives a packet without ports a new destination. */
    public static void destinationAddress(Packet packet, long hi, long lo) {
        changeAddress(packet, destinationField(packet), packet.destinationLo(), hi, lo);
    }

    /** Gives a packet without ports a new source. */
    public static void sourceAddress(Packet packet, long hi, long lo) {
        changeAddress(packet, sourceField(packet), packet.sourceLo(), hi, lo);
    }

    private static void changeAddress(Packet packet, int at, long before, long hi, long lo) {
        putAddress(packet, at, hi, lo);
        if (!packet.isIpv6()) {
            updateHeader(packet, Checksum.delta(before, lo));
        }
    }

    private static void updateTransport(Packet packet, long delta) {
        int at = packet.transport();
        if (packet.protocol() == Protocol.TCP) {
            int field = at + Ip.TCP_CHECKSUM;
            packet.putU16(field, Checksum.update(packet.u16(field), delta));
        } else if (packet.protocol() == Protocol.UDP) {
            int field = at + Ip.UDP_CHECKSUM;
            int old = packet.u16(field);
            // a datagram without checksum gets one, as in the kernel (udp_dnat_handler)
            int updated = old == 0 ? transportChecksum(packet, field) : Checksum.update(old, delta);
            // 0 would mean "no checksum" (RFC 768)
            packet.putU16(field, updated == 0 ? 0xffff : updated);
        }
    }

    /**
     * The checksum of a whole TCP segment or UDP datagram with its pseudo-header; the field itself
     * counts as 0.
     */
    private static int transportChecksum(Packet packet, int field) {
        packet.putU16(field, 0);
        int at = packet.transport();
        int length = packet.length() - at;
        long addresses =
                packet.isIpv6() ? packet.sum(Ip.V6_SOURCE, 32) : packet.sum(Ip.V4_SOURCE, 8);
        long sum = addresses + packet.protocol() + length + packet.sum(at, length);
        return ~Checksum.fold(sum) & 0xffff;
    }

    /** Offset of the destination address. */
    static int destinationField(Packet packet) {
        return packet.isIpv6() ? Ip.V6_DESTINATION : Ip.V4_DESTINATION;
    }

    /** Offset of the source address. */
    static int sourceField(Packet packet) {
        return packet.isIpv6() ? Ip.V6_SOURCE : Ip.V4_SOURCE;
    }

    /** Writes an address without touching any checksum. */
    static void putAddress(Packet packet, int at, long hi, long lo) {
        if (packet.isIpv6()) {
            packet.putU64(at, hi);
            packet.putU64(at + 8, lo);
        } else {
            packet.putU32(at, lo);
        }
    }

    /** Computes IPv4's header checksum anew. */
    public static void headerChecksum(Packet packet, int headerBytes) {
        packet.putU16(Ip.V4_CHECKSUM, 0);
        packet.putU16(Ip.V4_CHECKSUM, ~Checksum.fold(packet.sum(0, headerBytes)) & 0xffff);
    }
}
