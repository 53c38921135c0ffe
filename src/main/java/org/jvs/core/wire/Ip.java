package org.jvs.core.wire;

/**
 * Offsets and bits of the headers that a director reads and writes. All offsets are bytes from the
 * start of their own header, all fields in network byte order.
 */
public final class Ip {
    /** IPv4, RFC 791 section 3.1. */
    public static final int V4_HEADER = 20;

    public static final int V4_TOS = 1;
    public static final int V4_TOTAL_LENGTH = 2;
    public static final int V4_ID = 4;
    public static final int V4_FRAGMENT = 6;
    public static final int V4_TTL = 8;
    public static final int V4_PROTOCOL = 9;
    public static final int V4_CHECKSUM = 10;
    public static final int V4_SOURCE = 12;
    public static final int V4_DESTINATION = 16;

    public static final int DONT_FRAGMENT = 0x4000;
    public static final int MORE_FRAGMENTS = 0x2000;
    public static final int FRAGMENT_OFFSET = 0x1fff;

    /** IPv6, RFC 8200 section 3. */
    public static final int V6_HEADER = 40;

    public static final int V6_PAYLOAD_LENGTH = 4;
    public static final int V6_NEXT_HEADER = 6;
    public static final int V6_HOP_LIMIT = 7;
    public static final int V6_SOURCE = 8;
    public static final int V6_DESTINATION = 24;

    /** IPv6 extension headers, RFC 8200 section 4. */
    public static final int HOP_BY_HOP = 0;

    public static final int ROUTING = 43;
    public static final int FRAGMENT = 44;

    /** In IPv6 an extension header, in IPv4 a protocol (RFC 4302). */
    public static final int AUTHENTICATION = 51;

    public static final int DESTINATION_OPTIONS = 60;

    /** The smallest MTU of IPv6 (RFC 8200 section 5). */
    public static final int V6_MIN_MTU = 1280;

    /** TCP, RFC 9293 section 3.1. */
    public static final int TCP_HEADER = 20;

    public static final int TCP_DATA_OFFSET = 12;
    public static final int TCP_FLAGS = 13;
    public static final int TCP_CHECKSUM = 16;
    public static final int FIN = 1;
    public static final int SYN = 2;
    public static final int RST = 4;
    public static final int PSH = 8;
    public static final int ACK = 16;

    /** UDP, RFC 768. */
    public static final int UDP_HEADER = 8;

    public static final int UDP_CHECKSUM = 6;

    /** ICMP (RFC 792) and ICMPv6 (RFC 4443). */
    public static final int ICMP_HEADER = 8;

    public static final int ICMP_CODE = 1;
    public static final int ICMP_CHECKSUM = 2;
    public static final int ICMP_REST = 4;
    public static final int ICMP_UNREACHABLE = 3;
    public static final int ICMP_SOURCE_QUENCH = 4;
    public static final int ICMP_TIME_EXCEEDED = 11;
    public static final int ICMP_PORT_UNREACHABLE = 3;
    public static final int ICMP_FRAGMENTATION_NEEDED = 4;
    public static final int ICMPV6_UNREACHABLE = 1;
    public static final int ICMPV6_TOO_BIG = 2;
    public static final int ICMPV6_TIME_EXCEEDED = 3;
    public static final int ICMPV6_PARAMETER = 4;
    public static final int ICMPV6_PORT_UNREACHABLE = 4;

    private Ip() {}
}
