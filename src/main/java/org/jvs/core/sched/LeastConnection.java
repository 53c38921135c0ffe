package org.jvs.core.sched;

/** lc: the least overhead, whatever the weight (but 0); of equals the first. */
final class LeastConnection implements Scheduler {
    @Override
    public int pick(Flow flow, DestinationList destinations, long nowMs) {
        int least = NONE;
        int leastOverhead = 0;
        int size = destinations.size();
        for (int i = 0; i < size; i++) {
            if (!Destinations.isAvailable(destinations, i)) {
                continue;
            }
            int overhead = Destinations.overhead(destinations, i);
            // unsigned here, unlike in wlc: that is how the kernel declares it
            if (least == NONE || Integer.compareUnsigned(overhead, leastOverhead) < 0) {
                least = i;
                leastOverhead = overhead;
            }
        }
        return least;
    }
}
