package org.jvs.core.sched;

import java.util.concurrent.atomic.AtomicLong;

/**
 * rr: one after the other, weights ignored but for 0. The kernel keeps the list node of the last
 * destination picked; when that one is deleted, its predecessor takes the role.
 */
final class RoundRobin implements Scheduler {
    /**
     * Low half: 1 + the index of the last destination picked, 0 before the first. High half: counts
     * the changes of the list, so that a pick that began before a change cannot store an index that
     * no longer means anything.
     */
    private final AtomicLong place = new AtomicLong();

    /** Ids of the list that {@link #place} refers to; the configuration thread's. */
    private int[] ids = {};

    @Override
    public int pick(Flow flow, DestinationList destinations, long nowMs) {
        long before = place.get();
        int size = destinations.size();
        int last = Math.min((int) before, size) - 1;
        for (int i = last + 1; i < size; i++) {
            if (Destinations.isAvailable(destinations, i)) {
                return take(before, i);
            }
        }
        for (int i = 0; i <= last; i++) {
            if (Destinations.isAvailable(destinations, i)) {
                return take(before, i);
            }
        }
        return NONE;
    }

    private int take(long before, int index) {
        place.compareAndSet(before, before & 0xffffffff00000000L | index + 1);
        return index;
    }

    @Override
    public void changed(DestinationList destinations, Change change) {
        if (change == Change.EDITED) {
            return;
        }
        int[] newIds = Destinations.ids(destinations);
        long before;
        long after;
        do {
            before = place.get();
            int last = change == Change.STARTED ? -1 : moved((int) before - 1, ids, newIds);
            after = (before >>> 32) + 1 << 32 | last + 1;
        } while (!place.compareAndSet(before, after));
        ids = newIds;
    }

    /**
     * Where a place in the old list is in the new one. Destinations are added at the head only, so
     * what stood behind the place still does, less what was removed; the place is just before
     * those. That is its own destination, or that one's predecessor if it was removed.
     */
    static int moved(int place, int[] oldIds, int[] newIds) {
        if (place < 0) {
            return -1;
        }
        int at = newIds.length - 1;
        for (int i = oldIds.length - 1; i > place; i--) {
            if (at >= 0 && oldIds[i] == newIds[at]) {
                at--;
            }
        }
        return at;
    }
}
