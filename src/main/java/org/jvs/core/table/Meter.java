package org.jvs.core.table;

import org.jvs.core.admin.Stats;

/**
 * Counters as listed, and their rates, for one line of {@link Counters}. Zeroing remembers where
 * the counters stood rather than writing to them. Rates are the kernel's: every two seconds the
 * average moves a quarter of the way to the present rate, in fixed point
 * (net/netfilter/ipvs/ip_vs_est.c: connections and packets scaled by 2^10, bytes by 2^5). Not for
 * concurrent use.
 */
public final class Meter {
    /** Time between two calls of {@link #estimate}. */
    public static final long PERIOD_MS = 2000;

    private final Counters counters;
    private final int line;
    private final long[] base = new long[Counters.VALUES];
    private final long[] last = new long[Counters.VALUES];
    private final long[] average = new long[Counters.VALUES];

    public Meter(Counters counters, int line) {
        this.counters = counters;
        this.line = line;
        zero();
    }

    /** The line that is metered. */
    public int line() {
        return line;
    }

    /** Starts counting at 0 again, rates too. */
    public void zero() {
        for (int value = 0; value < Counters.VALUES; value++) {
            base[value] = counters.read(line, value);
            last[value] = base[value];
            average[value] = 0;
        }
    }

    /** Moves the rates on by one period. */
    public void estimate() {
        for (int value = 0; value < Counters.VALUES; value++) {
            long present = counters.read(line, value);
            long rate = (present - last[value]) << (isBytes(value) ? 4 : 9);
            last[value] = present;
            average[value] += (rate - average[value]) >> 2;
        }
    }

    private static boolean isBytes(int value) {
        return value >= Counters.IN_BYTES;
    }

    private long count(int value) {
        return counters.read(line, value) - base[value];
    }

    private long rate(int value) {
        return isBytes(value) ? (average[value] + 0xf) >> 5 : (average[value] + 0x1ff) >> 10;
    }

    /** Present counts and rates. */
    public Stats read() {
        return new Stats(
                count(Counters.CONNECTIONS),
                count(Counters.IN_PACKETS),
                count(Counters.OUT_PACKETS),
                count(Counters.IN_BYTES),
                count(Counters.OUT_BYTES),
                rate(Counters.CONNECTIONS),
                rate(Counters.IN_PACKETS),
                rate(Counters.OUT_PACKETS),
                rate(Counters.IN_BYTES),
                rate(Counters.OUT_BYTES));
    }
}
