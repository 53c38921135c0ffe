package org.jvs.core.sched;

/** sed: the least (active + 1) / weight, that is, counting the connection to come. */
final class ShortestExpectedDelay implements Scheduler {
    @Override
    public int pick(Flow flow, DestinationList destinations, long nowMs) {
        int size = destinations.size();
        int least = Destinations.firstAvailable(destinations, size);
        if (least == NONE) {
            return NONE;
        }
        long leastDelay = destinations.active(least) + 1L;
        long leastWeight = destinations.weight(least);
        for (int i = least + 1; i < size; i++) {
            if (destinations.overloaded(i)) {
                continue;
            }
            long delay = destinations.active(i) + 1L;
            long weight = destinations.weight(i);
            if (leastDelay * weight > delay * leastWeight) {
                least = i;
                leastDelay = delay;
                leastWeight = weight;
            }
        }
        return least;
    }
}
