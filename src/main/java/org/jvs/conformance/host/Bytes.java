package org.jvs.conformance.host;

import org.jvs.core.net.Address;

/** Fields and sums of packets in byte arrays, network byte order. */
public final class Bytes {
    private Bytes() {}

    public static int u16(byte[] b, int at) {
        return (b[at] & 0xff) << 8 | b[at + 1] & 0xff;
    }

    public static long u32(byte[] b, int at) {
        return (long) u16(b, at) << 16 | u16(b, at + 2);
    }

    public static void put16(byte[] b, int at, int value) {
        b[at] = (byte) (value >> 8);
        b[at + 1] = (byte) value;
    }

    public static void put32(byte[] b, int at, long value) {
        put16(b, at, (int) (value >> 16) & 0xffff);
        put16(b, at + 2, (int) value & 0xffff);
    }

    /** The one's complement sum of 16-bit words (RFC 1071), folded, not complemented. */
    public static int sum(byte[] b, int at, int length, long start) {
        long sum = start;
        for (int i = 0; i + 1 < length; i += 2) {
            sum += u16(b, at + i);
        }
        if ((length & 1) != 0) {
            sum += (b[at + length - 1] & 0xff) << 8;
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) sum;
    }

    /** The sum of the pseudo header of TCP, UDP and ICMPv6. */
    public static long pseudo(Address source, Address destination, int protocol, int length) {
        byte[] from = source.toBytes();
        byte[] to = destination.toBytes();
        return sum(from, 0, from.length, sum(to, 0, to.length, (long) protocol + length));
    }

    /** Writes the checksum of an IPv4 header. */
    public static void headerChecksum(byte[] packet) {
        put16(packet, 10, 0);
        put16(packet, 10, ~sum(packet, 0, (packet[0] & 15) * 4, 0) & 0xffff);
    }
}
