package org.jvs.conformance.host;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;

/**
 * The headers of one IP packet, read for comparison and for the model of the host; apart from
 * {@link org.jvs.core.wire.Packet} so that engine and judge do not share mistakes.
 *
 * @param protocol transport protocol, after IPv6 extension headers
 * @param protocolAt offset of the byte that names it
 * @param transport offset of the transport header
 * @param length total length as the IP header gives it, at most that of {@code bytes}
 * @param id IPv4 identification, or that of an IPv6 fragment header
 * @param fragmentOffset in bytes
 * @param fragmentHeader whether there is an IPv6 fragment header
 * @param flow IPv6 flow label
 */
@SuppressWarnings("ArrayRecordComponent") // packets are compared by hand
public record PacketView(
        byte[] bytes,
        boolean ipv6,
        Address source,
        Address destination,
        int protocol,
        int protocolAt,
        int transport,
        int length,
        int ttl,
        int tos,
        int id,
        boolean dontFragment,
        boolean moreFragments,
        int fragmentOffset,
        boolean fragmentHeader,
        int flow) {

    /** Reads a packet; null if it is not IP or too short for its own headers. */
    public static @Nullable PacketView of(byte[] bytes) {
        if (bytes.length < 20) {
            return null;
        }
        return switch (bytes[0] >> 4 & 15) {
            case 4 -> ofV4(bytes);
            case 6 -> ofV6(bytes);
            default -> null;
        };
    }

    /**
     * Whether there are IPv4 options that a router has to act on (RFC 791 section 3.1): all but the
     * end of the list, no operation and router alert.
     */
    public boolean hasRouterOptions() {
        int at = 20;
        while (!ipv6 && at < transport && bytes[at] != 0) {
            int kind = bytes[at] & 0xff;
            int size = kind == 1 ? 1 : at + 1 < transport ? bytes[at + 1] & 0xff : 0;
            if (kind != 1 && kind != 148 || size == 0) {
                return true;
            }
            at += size;
        }
        return false;
    }

    /** Whether all of it is there that its IP header says. */
    public boolean complete() {
        return bytes.length >= (ipv6 ? 40 + Bytes.u16(bytes, 4) : Bytes.u16(bytes, 2));
    }

    private static @Nullable PacketView ofV4(byte[] b) {
        int header = (b[0] & 15) * 4;
        if (header < 20 || header > b.length) {
            return null;
        }
        int flags = Bytes.u16(b, 6);
        return new PacketView(
                b,
                false,
                Address.ofBytes(Arrays.copyOfRange(b, 12, 16)),
                Address.ofBytes(Arrays.copyOfRange(b, 16, 20)),
                b[9] & 0xff,
                9,
                header,
                Math.min(b.length, Bytes.u16(b, 2)),
                b[8] & 0xff,
                b[1] & 0xff,
                Bytes.u16(b, 4),
                (flags & 0x4000) != 0,
                (flags & 0x2000) != 0,
                (flags & 0x1fff) * 8,
                false,
                0);
    }

    private static @Nullable PacketView ofV6(byte[] b) {
        if (b.length < 40) {
            return null;
        }
        int length = Math.min(b.length, 40 + Bytes.u16(b, 4));
        int next = b[6] & 0xff;
        int nextAt = 6;
        int at = 40;
        int id = 0;
        int offset = 0;
        boolean more = false;
        boolean fragment = false;
        while ((next == 0 || next == 43 || next == 60 || next == 44)
                && at + 8 <= length
                && offset == 0) {
            int size = 8;
            if (next == 44) {
                fragment = true;
                offset = Bytes.u16(b, at + 2) & 0xfff8;
                more = (b[at + 3] & 1) != 0;
                id = (int) Bytes.u32(b, at + 4);
            } else {
                size = ((b[at + 1] & 0xff) + 1) * 8;
            }
            next = b[at] & 0xff;
            nextAt = at;
            at = Math.min(at + size, length);
        }
        return new PacketView(
                b,
                true,
                Address.ofBytes(Arrays.copyOfRange(b, 8, 24)),
                Address.ofBytes(Arrays.copyOfRange(b, 24, 40)),
                next,
                nextAt,
                at,
                length,
                b[7] & 0xff,
                (int) (Bytes.u32(b, 0) >> 20 & 0xff),
                id,
                true,
                more,
                offset,
                fragment,
                (int) Bytes.u32(b, 0) & 0xfffff);
    }

    /** Bytes after the IP headers. */
    public int payloadLength() {
        return Math.max(0, length - transport);
    }

    /** A byte of the transport header. */
    public int t8(int at) {
        return bytes[transport + at] & 0xff;
    }

    /** A 16-bit field of the transport header. */
    public int t16(int at) {
        return Bytes.u16(bytes, transport + at);
    }

    /** A 32-bit field of the transport header. */
    public long t32(int at) {
        return Bytes.u32(bytes, transport + at);
    }

    /** Whether this is one of several fragments. */
    public boolean isFragment() {
        return moreFragments || fragmentOffset != 0;
    }

    /** Whether the ports (and for TCP the flags) can be read. */
    public boolean hasPorts() {
        int needed =
                switch (protocol) {
                    case Protocol.TCP -> 20;
                    case Protocol.UDP -> 8;
                    case Protocol.SCTP -> 12;
                    default -> Integer.MAX_VALUE;
                };
        return fragmentOffset == 0 && payloadLength() >= needed;
    }

    public boolean isTcp() {
        return protocol == Protocol.TCP && hasPorts();
    }

    public boolean isUdp() {
        return protocol == Protocol.UDP && hasPorts();
    }

    /** Whether this is ICMP of its IP version with a whole header. */
    public boolean isIcmp() {
        return protocol == (ipv6 ? Protocol.ICMPV6 : Protocol.ICMP)
                && fragmentOffset == 0
                && payloadLength() >= 8;
    }

    /** Whether this is an ICMP error, which quotes a packet. */
    public boolean isIcmpError() {
        if (!isIcmp()) {
            return false;
        }
        int type = t8(0);
        return ipv6
                ? type >= 1 && type <= 4
                : type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    }

    /** The packet quoted by an ICMP error, or null. */
    public @Nullable PacketView quoted() {
        return isIcmpError() ? of(Arrays.copyOfRange(bytes, transport + 8, length)) : null;
    }

    public int sourcePort() {
        return t16(0);
    }

    public int destinationPort() {
        return t16(2);
    }

    /** TCP flags. */
    public int flags() {
        return t8(13);
    }

    public long sequence() {
        return t32(4);
    }

    public long acknowledgement() {
        return t32(8);
    }

    /** TCP data or UDP data. */
    public byte[] data() {
        int header = protocol == Protocol.TCP ? (t8(12) >> 4) * 4 : 8;
        return Arrays.copyOfRange(bytes, Math.min(transport + header, length), length);
    }

    /** Whether the checksum of the IPv4 header is right; IPv6 has none. */
    public boolean headerRight() {
        return ipv6 || Bytes.sum(bytes, 0, (bytes[0] & 15) * 4, 0) == 0xffff;
    }

    /** Whether the transport checksum is right, or not there, or cannot be checked. */
    public boolean checksumRight() {
        if (isFragment()) {
            return true;
        }
        return switch (protocol) {
            case Protocol.TCP, Protocol.ICMPV6 -> pseudoSum() == 0xffff;
            case Protocol.UDP ->
                    payloadLength() >= 8 && (t16(6) == 0 && !ipv6 || pseudoSum() == 0xffff);
            case Protocol.ICMP -> Bytes.sum(bytes, transport, payloadLength(), 0) == 0xffff;
            default -> true;
        };
    }

    private int pseudoSum() {
        return Bytes.sum(
                bytes,
                transport,
                payloadLength(),
                Bytes.pseudo(source, destination, protocol, payloadLength()));
    }
}
