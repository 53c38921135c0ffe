package org.jvs.core.sched;

/**
 * ovf: the highest weight, until it has more active connections than its weight; then the next.
 * Each thus gets weight + 1 of them before the next one's turn.
 */
final class Overflow implements Scheduler {
    @Override
    public int pick(Flow flow, DestinationList destinations, long nowMs) {
        int highest = NONE;
        int highestWeight = 0;
        int size = destinations.size();
        for (int i = 0; i < size; i++) {
            int weight = destinations.weight(i);
            if (weight > highestWeight
                    && destinations.active(i) <= weight
                    && !destinations.overloaded(i)) {
                highest = i;
                highestWeight = weight;
            }
        }
        return highest;
    }
}
