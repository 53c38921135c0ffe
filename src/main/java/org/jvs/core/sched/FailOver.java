package org.jvs.core.sched;

/** fo: always the available destination of the highest weight; of equals the first. */
final class FailOver implements Scheduler {
    @Override
    public int pick(Flow flow, DestinationList destinations, long nowMs) {
        int highest = NONE;
        int highestWeight = 0;
        int size = destinations.size();
        for (int i = 0; i < size; i++) {
            int weight = destinations.weight(i);
            if (weight > highestWeight && !destinations.overloaded(i)) {
                highest = i;
                highestWeight = weight;
            }
        }
        return highest;
    }
}
