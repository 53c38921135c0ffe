package org.jvs.core.sched;

import org.jvs.core.admin.ServiceSpec;

/**
 * Picks the destination of a new connection. One instance serves one service for as long as the
 * service keeps that scheduler. {@link #pick} runs on the packet path: one thread at a time, no
 * allocation, no lock. The other methods run on the thread that owns the configuration, before the
 * new list is published to {@code pick}; look-up tables are built there and handed over by a single
 * volatile write together with the list they belong to, so that a {@code pick} that still holds the
 * old list notices and goes by {@linkplain DestinationList#id ids}.
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
     * Membership or weights changed (kernel: add_dest, del_dest, upd_dest), or the scheduler was
     * just bound to its service. To be called once for each change, in order: where rr and wrr go
     * on depends on the order of removals and additions.
     *
     * @param destinations the list after the change
     * @param change what happened, for schedulers that keep a place in the list
     */
    default void changed(DestinationList destinations, Change change) {}

    /**
     * The service was edited and kept its scheduler. The kernel then rebuilds nothing, but reads
     * the scheduler's flags from the service, so that they take effect at once.
     */
    default void serviceEdited(ServiceSpec service) {}

    /** What happened to the list of destinations. */
    enum Change {
        STARTED,
        ADDED,
        REMOVED,
        EDITED
    }
}
