package org.jvs.core.wire;

import java.lang.foreign.MemorySegment;

/** Splits an IPv4 packet that may be fragmented into pieces that fit (RFC 791 section 3.2). */
public final class Fragmenter {
    private Fragmenter() {}

    /**
     * Number of fragments the packet needs for an MTU, or 0 if the MTU cannot carry any of its
     * data.
     */
    public static int count(Packet packet, int mtu) {
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
}
