package org.jvs.core.engine;

/** What shall become of a packet that the engine has seen. */
public enum Verdict {
    /** Not ours: the host's own stack takes it, unchanged. */
    PASS,
    /** To be forgotten; {@link Packet#reason} says why and was counted. */
    DROP,
    /**
     * Rewritten in place; to be sent to {@link Packet#nextHopHi next hop}, in fragments if it is
     * longer than {@link Packet#mtu}.
     */
    FORWARD,
    /**
     * Belongs to a destination on this machine; rewritten where port or address differ; the host's
     * stack takes it.
     */
    LOCAL,
    /** The packet was replaced by an ICMP error of our own; to be sent like {@link #FORWARD}. */
    REPLY
}
