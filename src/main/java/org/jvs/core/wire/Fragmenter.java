package org.jvs.core.wire;

import java.lang.foreign.MemorySegment;
import org.jvs.core.net.Protocol;

/**
 * Splits packets into pieces that fit: IPv4 packets that may be fragmented (RFC 791 section 3.2),
 * and IPv6 tunnel packets that this machine made of such ones (RFC 2473 section 7.2).
 */
public final class Fragmenter {
    private static final int V6_FRAGMENT_HEADER = 8;

    private Fragmenter() {}

    /** Whether the packet may be split by this machine. */
    public static boolean isAllowed(Packet packet) {
        if (!isIpv6(packet)) {
            return (packet.u16(Ip.V4_FRAGMENT) & Ip.DONT_FRAGMENT) == 0;
        }
        return packet.u8(Ip.V6_NEXT_HEADER) == Protocol.IPIP;
    }

    private static boolean isIpv6(Packet packet) {
        return packet.u8(0) >>> 4 == 6;
    }

    /**
     * Number of fragments the packet needs for an MTU, or 0 if the MTU cannot carry any of its
     * data.
     */
    public static int count(Packet packet, int mtu) {
        if (isIpv6(packet)) {
            int room = roomV6(mtu);
            int data = packet.length() - Ip.V6_HEADER;
            return room <= 0 ? 0 : (data + room - 1) / room;
        }
        int header = (packet.u8(0) & 15) * 4;
        int perFragment = (mtu - header) / 8 * 8;
        if (perFragment <= 0) {
            return 0;
        }
        int data = packet.length() - header;
        return (data + perFragment - 1) / perFragment;
    }

    /**
     * Writes one fragment. IP options are repeated in each, which is right for all but a few that
     * nobody uses.
     *
     * @param index 0 to {@link #count} - 1
     * @param into where to write it, at least {@code mtu} bytes
     * @return its length in bytes
     */
    public static int write(Packet packet, int mtu, int index, MemorySegment into, long at) {
        if (isIpv6(packet)) {
            return writeV6(packet, mtu, index, into, at);
        }
        int header = (packet.u8(0) & 15) * 4;
        int perFragment = (mtu - header) / 8 * 8;
        int data = packet.length() - header;
        int from = index * perFragment;
        int bytes = Math.min(perFragment, data - from);
        boolean last = from + bytes == data;
        int original = packet.u16(Ip.V4_FRAGMENT);
        int offset = (original & Ip.FRAGMENT_OFFSET) + from / 8;
        int more = last ? original & Ip.MORE_FRAGMENTS : Ip.MORE_FRAGMENTS;
        MemorySegment.copy(packet.memory(), packet.start(), into, at, header);
        MemorySegment.copy(
                packet.memory(), packet.start() + header + from, into, at + header, bytes);
        into.set(Fields.SHORT, at + Ip.V4_TOTAL_LENGTH, (short) (header + bytes));
        into.set(Fields.SHORT, at + Ip.V4_FRAGMENT, (short) (more | offset));
        into.set(Fields.SHORT, at + Ip.V4_CHECKSUM, (short) 0);
        int sum = Checksum.fold(Checksum.sum(into, at, header, 0));
        into.set(Fields.SHORT, at + Ip.V4_CHECKSUM, (short) ~sum);
        return header + bytes;
    }

    private static int roomV6(int mtu) {
        return (mtu - Ip.V6_HEADER - V6_FRAGMENT_HEADER) / 8 * 8;
    }

    /** RFC 8200 section 4.5. The identification is made of what tells the inner packet apart. */
    private static int writeV6(Packet packet, int mtu, int index, MemorySegment into, long at) {
        int room = roomV6(mtu);
        int data = packet.length() - Ip.V6_HEADER;
        int from = index * room;
        int bytes = Math.min(room, data - from);
        int more = from + bytes < data ? 1 : 0;
        int inner = Ip.V6_HEADER;
        int id = packet.u16(inner + Ip.V4_CHECKSUM) << 16 | packet.u16(inner + Ip.V4_ID);
        long fragment = at + Ip.V6_HEADER;
        MemorySegment.copy(packet.memory(), packet.start(), into, at, Ip.V6_HEADER);
        into.set(Fields.SHORT, at + Ip.V6_PAYLOAD_LENGTH, (short) (V6_FRAGMENT_HEADER + bytes));
        into.set(Fields.BYTE, at + Ip.V6_NEXT_HEADER, (byte) Ip.FRAGMENT);
        into.set(Fields.SHORT, fragment, (short) (Protocol.IPIP << 8));
        into.set(Fields.SHORT, fragment + 2, (short) (from | more));
        into.set(Fields.INT, fragment + 4, id);
        MemorySegment.copy(
                packet.memory(),
                packet.start() + Ip.V6_HEADER + from,
                into,
                fragment + V6_FRAGMENT_HEADER,
                bytes);
        return Ip.V6_HEADER + V6_FRAGMENT_HEADER + bytes;
    }
}
