package org.jvs.core.engine;

/** What shall become of a packet that the engine has seen. */
public enum Verdict {
    /** Not ours: the host's own stack takes it, unchanged. */
    PASS(0),
    /** To be forgotten; {@link org.jvs.core.wire.Packet#reason} says why and was counted. */
    DROP(1),
    /**
     * Rewritten in place; to be sent to {@link org.jvs.core.wire.Packet#nextHopHi next hop}, in
     * fragments if it is longer than {@link org.jvs.core.wire.Packet#mtu}.
     */
    FORWARD(2),
    /**
     * Belongs to a destination on this machine; rewritten where port or address differ; the host's
     * stack takes it.
     */
    LOCAL(3),
    /** The packet was replaced by an ICMP error of our own; to be sent like {@link #FORWARD}. */
    REPLY(4);

    private final int number;

    Verdict(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
