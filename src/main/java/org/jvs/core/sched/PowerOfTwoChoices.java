package org.jvs.core.sched;

import java.util.random.RandomGenerator;

/**
 * twos: draws two destinations at random, in proportion to their weights, and takes the one with
 * the lower overhead for its weight (Mitzenmacher, The Power of Two Choices in Randomized Load
 * Balancing).
 *
 * <p>As in the kernel a draw is from 0 to the total weight, both included, so the first in the list
 * has one chance more than its weight; and sums and products wrap at 32 bits.
 */
final class PowerOfTwoChoices implements Scheduler {
    private final RandomGenerator random;

    PowerOfTwoChoices(SchedulerSettings settings) {
        this.random = settings.random();
    }

    @Override
    public int pick(Flow flow, DestinationList destinations, long nowMs) {
        int size = destinations.size();
        int total = 0;
        int first = NONE;
        for (int i = 0; i < size; i++) {
            if (Destinations.isAvailable(destinations, i)) {
                total += destinations.weight(i);
                // what remains if the total wrapped and the draw below names nobody
                first = i;
            }
        }
        if (first == NONE) {
            return NONE;
        }
        int draw1 = below(total + 1);
        int draw2 = below(total + 1);
        int second = NONE;
        int weight1 = -1;
        int weight2 = -1;
        int overhead1 = 0;
        int overhead2 = 0;
        for (int i = 0; i < size && (weight1 < 0 || weight2 < 0); i++) {
            if (!Destinations.isAvailable(destinations, i)) {
                continue;
            }
            int weight = destinations.weight(i);
            draw1 -= weight;
            draw2 -= weight;
            if (draw1 <= 0 && weight1 < 0) {
                first = i;
                weight1 = weight;
                overhead1 = Destinations.overhead(destinations, i);
            }
            if (draw2 <= 0 && weight2 < 0) {
                second = i;
                weight2 = weight;
                overhead2 = Destinations.overhead(destinations, i);
            }
        }
        return second != NONE && weight2 * overhead1 > weight1 * overhead2 ? second : first;
    }

    /** A random number below an unsigned limit, by multiplication instead of division. */
    private int below(int limit) {
        return (int) ((random.nextInt() & 0xffffffffL) * (limit & 0xffffffffL) >>> 32);
    }
}
