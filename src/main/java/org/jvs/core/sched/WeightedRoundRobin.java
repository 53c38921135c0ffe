package org.jvs.core.sched;

import java.util.concurrent.atomic.AtomicLong;

/**
 * wrr: passes over the list with a falling bar. A pass takes every destination whose weight reaches
 * the bar; then the bar drops by the greatest common divisor of the weights, from (about) the
 * highest weight down to 1, and starts again. Weights 4, 3, 2 give a, a b, a b c, a b c in turn.
 *
 * <p>A change of destinations or weights sends the place back to the head of the list and keeps the
 * bar, moved to a level that the new weights know.
 */
final class WeightedRoundRobin implements Scheduler {
    /** Before the first destination of the list. */
    private static final int HEAD = -1;

    /** High half: the bar; low half: 1 + index of the last destination picked. */
    private final AtomicLong state = new AtomicLong();

    private volatile Levels levels = new Levels(0, 1);

    /**
     * @param top the highest bar: the highest weight less {@code step - 1}, so that the lowest bar
     *     is 1; 0 if no destination has a weight
     * @param step the greatest common divisor of the weights
     */
    private record Levels(int top, int step) {}

    @Override
    public int pick(Flow flow, DestinationList destinations, long nowMs) {
        Levels now = levels;
        if (now.top == 0) {
            return NONE;
        }
        long before = state.get();
        int bar = (int) (before >>> 32);
        int size = destinations.size();
        int start = Math.min((int) before, size) - 1;
        int at = start;
        int stop = size; // the last destination to look at, none until the final pass
        boolean lastPass = false;
        boolean restarted = false;
        boolean surveyed = false;
        while (true) {
            for (int i = at + 1; i < size; i++) {
                if (destinations.weight(i) >= bar && !destinations.overloaded(i)) {
                    state.compareAndSet(before, pack(bar, i));
                    return i;
                }
                if (i == stop) {
                    state.compareAndSet(before, pack(bar, i));
                    return NONE;
                }
            }
            at = HEAD;
            bar -= now.step;
            if (bar <= 0) {
                bar = now.top;
                // all have been asked for a weight of 1
                if (lastPass || start == HEAD) {
                    state.compareAndSet(before, pack(bar, HEAD));
                    return NONE;
                }
                restarted = true;
            }
            if (surveyed) {
                bar = skipBarrenPasses(destinations, size, bar, now.step);
            }
            surveyed = true;
            lastPass = bar <= now.step;
            if (lastPass && restarted && start != HEAD) {
                stop = start;
            }
        }
    }

    /**
     * Lowers the bar to the first level that anybody available reaches, at most to the last one.
     * The passes in between would find nobody; with a heavy destination overloaded there can be two
     * thousand million of them.
     */
    private static int skipBarrenPasses(DestinationList destinations, int size, int bar, int step) {
        int highest = 0;
        for (int i = 0; i < size; i++) {
            if (destinations.weight(i) > highest && !destinations.overloaded(i)) {
                highest = destinations.weight(i);
            }
        }
        if (bar <= highest) {
            return bar;
        }
        long passes = ((long) bar - highest + step - 1) / step;
        int lowest = (bar - 1) % step + 1;
        return (int) Math.max(bar - passes * step, lowest);
    }

    @Override
    public void changed(DestinationList destinations, Change change) {
        int step = 0;
        int highest = 0;
        for (int i = 0; i < destinations.size(); i++) {
            int weight = destinations.weight(i);
            step = greatestCommonDivisor(step, weight);
            highest = Math.max(highest, weight);
        }
        step = Math.max(step, 1);
        int top = highest - (step - 1);
        levels = new Levels(top, step);
        long before;
        int bar;
        do {
            before = state.get();
            bar = (int) (before >>> 32);
            if (change == Change.STARTED || bar > top || bar == 0) {
                bar = top;
            } else if (step > 1) {
                bar = bar / step * step + 1;
            }
        } while (!state.compareAndSet(before, pack(bar, HEAD)));
    }

    private static long pack(int bar, int index) {
        return (long) bar << 32 | index + 1;
    }

    /** The greatest common divisor, where 0 is neutral. */
    static int greatestCommonDivisor(int a, int b) {
        while (b != 0) {
            int rest = a % b;
            a = b;
            b = rest;
        }
        return a;
    }
}
