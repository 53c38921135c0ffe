package org.jvs.core.sched;

/** wlc: the least overhead for its weight. */
final class WeightedLeastConnection implements Scheduler {
    @Override
    public int pick(Flow flow, DestinationList destinations, long nowMs) {
        return Destinations.leastLoaded(destinations);
    }
}
