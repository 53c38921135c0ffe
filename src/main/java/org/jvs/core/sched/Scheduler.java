package org.jvs.core.sched;

/**
 * Picks the destination of a new connection. One instance serves one service. {@link #pick} runs on
 * the packet path: one thread at a time, no allocation, no lock. {@link #changed} runs on the
 * thread that owns the configuration, before the new list is published to {@code pick}; look-up
 * tables are built there and handed over by a single volatile write, so that {@code pick} sees
 * either the old table with the old list or is able to tell that they do not match.
 */
public interface Scheduler {
    /** No destination can take the connection. */
    int NONE = -1;

    /**
     * Picks a destination.
     *
     * @param nowMs the director's clock in milliseconds; only differences mean anything
     * @return an index into {@code destinations}, or {@link #NONE}
     */
    int pick(Flow flow, DestinationList destinations, long nowMs);

    /**
     * Membership or weights changed (kernel: add_dest, del_dest, upd_dest), or the service was just
     * made.
     *
     * @param change what happened, for schedulers that keep a place in the list
     */
    default void changed(DestinationList destinations, Change change) {}

    /** What happened to the list of destinations. */
    enum Change {
        STARTED,
        ADDED,
        REMOVED,
        EDITED
    }
}
