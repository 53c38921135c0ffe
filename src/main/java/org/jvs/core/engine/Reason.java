package org.jvs.core.engine;

/**
 * Why a packet was dropped, passed or answered. Each has a counter that {@code jvs status} shows.
 */
public enum Reason {
    NONE(""),
    NO_SERVICE("no service for this address and port"),
    NO_CONNECTION("belongs to no connection"),
    NO_DESTINATION("no destination available: none, all quiesced or all overloaded"),
    DESTINATION_GONE("its destination was removed"),
    TTL_EXCEEDED("time to live exceeded"),
    TOO_BIG("larger than the path takes and not to be fragmented"),
    NO_ROUTE("no route to the next hop"),
    NO_NEIGHBOUR("the next hop does not answer ARP or neighbour discovery"),
    TABLE_FULL("no room in the connection table"),
    TRUNCATED("shorter than its headers say"),
    BAD_HEADER("malformed header"),
    UNSUPPORTED("a feature that this version does not forward"),
    FRAGMENT("a fragment"),
    DROP_RATE("dropped by the drop_packet defence"),
    NOT_SYN("first packet of a TCP connection without SYN"),
    LOOP("to be forwarded to where it came from"),
    RING_FULL("the transmit ring was full"),
    CHECKSUM_MISSING(
            "handed up with a partial checksum; turn off tx checksum offload at the sender"),
    ICMP_UNRELATED("ICMP about something that is not ours");

    private final String text;

    Reason(String text) {
        this.text = text;
    }

    /** One line for people. */
    public String text() {
        return text;
    }
}
