package org.jvs.core.wire;

/**
 * Why a packet was dropped, passed or answered. Each has a counter that {@code jvs status} shows.
 */
public enum Reason {
    NONE(0, ""),
    NO_SERVICE(1, "no service for this address and port"),
    NO_CONNECTION(2, "belongs to no connection"),
    NO_DESTINATION(3, "no destination: none, all quiesced or all overloaded"),
    DESTINATION_GONE(4, "its destination was removed"),
    TTL_EXCEEDED(5, "time to live exceeded"),
    TOO_BIG(6, "larger than the path takes and not to be fragmented"),
    NO_ROUTE(7, "no route to the next hop"),
    NO_NEIGHBOUR(8, "the next hop does not answer ARP or neighbour discovery"),
    TABLE_FULL(9, "no room in the connection table"),
    TRUNCATED(10, "shorter than its headers say"),
    BAD_HEADER(11, "malformed header"),
    UNSUPPORTED(12, "a feature that this version does not forward"),
    FRAGMENT(13, "a fragment"),
    DROP_RATE(14, "dropped by the drop_packet defence"),
    NOT_SYN(15, "first packet of a TCP connection without SYN"),
    LOOP(16, "to be forwarded to where it came from"),
    RING_FULL(17, "the transmit ring was full"),
    ICMP_UNRELATED(18, "ICMP about something that is not ours"),
    NOT_LOCAL(19, "the virtual address is not an address of this machine"),
    BAD_CHECKSUM(20, "wrong ICMP checksum"),
    NO_HEADROOM(21, "no room for the outer header"),
    ICMP_LIMITED(22, "an ICMP error withheld: too many per second"),
    CHECKSUM_MISSING(23, "a partial checksum; at the sender: ethtool -K IF tx off"),
    MARTIAN(24, "claims to come from this machine itself");

    private final int number;
    private final String text;

    Reason(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** Its place among all reasons, from 0. */
    public int number() {
        return number;
    }

    /** One line for people. */
    public String text() {
        return text;
    }
}
