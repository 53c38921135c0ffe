package org.jvs.core.sched;

/** nq: the first idle destination, whatever its weight; if none is idle, as sed. */
final class NeverQueue implements Scheduler {
    @Override
    public int pick(Flow flow, DestinationList destinations, long nowMs) {
        int least = NONE;
        long leastDelay = 0;
        long leastWeight = 0;
        int size = destinations.size();
        for (int i = 0; i < size; i++) {
            if (!Destinations.isAvailable(destinations, i)) {
                continue;
            }
            int active = destinations.active(i);
            if (active == 0) {
                return i;
            }
            long delay = active + 1L;
            long weight = destinations.weight(i);
            if (least == NONE || leastDelay * weight > delay * leastWeight) {
                least = i;
                leastDelay = delay;
                leastWeight = weight;
            }
        }
        return least;
    }
}
