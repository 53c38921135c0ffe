package org.jvs.core.sched;

import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that lblc and lblcr have seen: a chained hash table in primitive arrays of fixed
 * size, made once with the first address and never again. An entry is a number; what it stands for
 * is kept by the subclass in arrays of {@link #CAPACITY} elements.
 *
 * <p>Entries are collected by the kernel's rules, its timer being replaced by the clock that comes
 * with each packet: a run is due every minute; every 30th is a full check, which drops what has
 * been idle for the expiration time; the others do nothing unless there are more than {@link
 * #MAX_SIZE} entries, and then drop some that have been idle for six minutes. The kernel lets a
 * table grow between two runs without limit, this one as far as one run can shrink it; beyond that
 * new addresses are scheduled but not remembered, as in a kernel without memory.
 */
abstract class AddressCache {
    /** The kernel's {@code max_size}: 16 entries for each of its 1,024 buckets. */
    static final int MAX_SIZE = 16 * 1024;

    static final int CAPACITY = MAX_SIZE + MAX_SIZE / 2;

    /** No such entry. */
    static final int NO_ENTRY = -1;

    static final long RUN_INTERVAL_MS = 60_000;
    static final long IDLE_MS = 6 * 60_000;
    static final int RUNS_PER_FULL_CHECK = 30;

    /**
     * The kernel has 2^10 buckets and decides after each whether enough was collected. Ours are its
     * buckets split in 16 by the next bits of the same hash.
     */
    private static final int KERNEL_BITS = 10;

    private static final int SPLIT_BITS = 4;
    private static final int BITS = KERNEL_BITS + SPLIT_BITS;

    private static final int[] NO_INTS = {};
    private static final long[] NO_LONGS = {};

    // Half a megabyte, made when the first address comes, so that ten thousand idle services cost
    // nothing.
    private int[] heads = NO_INTS;
    private int[] next = NO_INTS;

    /** Upper halves of addresses; IPv4 has none. */
    private long @Nullable [] hi;

    private long[] lo = NO_LONGS;
    private long[] lastUsedMs = NO_LONGS;
    private final boolean ipv6;
    private final LongSupplier expirationMs;
    private int free;
    private int entries;

    private boolean started;
    private long nextRunMs;
    private int runs = 1;
    private int rover;

    AddressCache(boolean ipv6, LongSupplier expirationMs) {
        this.ipv6 = ipv6;
        this.expirationMs = expirationMs;
    }

    /** Makes the table; the subclass makes what it keeps of each entry. */
    void make() {
        hi = ipv6 ? new long[CAPACITY] : null;
        lo = new long[CAPACITY];
        lastUsedMs = new long[CAPACITY];
        heads = new int[1 << BITS];
        Arrays.fill(heads, NO_ENTRY);
        next = new int[CAPACITY];
        for (int i = 0; i < CAPACITY; i++) {
            next[i] = i + 1 < CAPACITY ? i + 1 : NO_ENTRY;
        }
    }

    /** An entry is about to be dropped. */
    abstract void released(int entry);

    int entries() {
        return entries;
    }

    /** The entry of an address or {@link #NO_ENTRY}. Marks it as used. */
    int find(long addressHi, long addressLo, long nowMs) {
        if (entries == 0) {
            return NO_ENTRY;
        }
        int entry = heads[bucket(addressHi, addressLo)];
        while (entry != NO_ENTRY) {
            if (lo[entry] == addressLo && (hi == null || hi[entry] == addressHi)) {
                lastUsedMs[entry] = nowMs;
                return entry;
            }
            entry = next[entry];
        }
        return NO_ENTRY;
    }

    /** Makes an entry of an address that has none; {@link #NO_ENTRY} if there is no room. */
    int add(long addressHi, long addressLo, long nowMs) {
        if (heads.length == 0) {
            make();
        }
        int entry = free;
        if (entry == NO_ENTRY) {
            return NO_ENTRY;
        }
        free = next[entry];
        if (hi != null) {
            hi[entry] = addressHi;
        }
        lo[entry] = addressLo;
        lastUsedMs[entry] = nowMs;
        int bucket = bucket(addressHi, addressLo);
        next[entry] = heads[bucket];
        heads[bucket] = entry;
        entries++;
        return entry;
    }

    private static int bucket(long hi, long lo) {
        return Hashes.hash32(Hashes.fold(hi, lo), BITS);
    }

    /** To be called with every packet: runs the collection as often as it has become due. */
    void tick(long nowMs) {
        if (!started) {
            started = true;
            nextRunMs = nowMs + RUN_INTERVAL_MS;
        } else if (nowMs - nextRunMs >= 0) {
            catchUp(nowMs);
        }
    }

    private void catchUp(long nowMs) {
        long missed = (nowMs - nextRunMs) / RUN_INTERVAL_MS;
        if (missed > RUNS_PER_FULL_CHECK * 2) {
            // nothing was used meanwhile, so one full check finds what all of them would have found
            fullCheck(nowMs);
            runs = 1;
            nextRunMs = nowMs + RUN_INTERVAL_MS;
            return;
        }
        while (nowMs - nextRunMs >= 0) {
            run(nextRunMs);
            nextRunMs += RUN_INTERVAL_MS;
        }
    }

    private void run(long nowMs) {
        if (runs % RUNS_PER_FULL_CHECK == 0) {
            fullCheck(nowMs);
            runs = 1;
        } else if (entries <= MAX_SIZE) {
            runs++;
        } else {
            // at this size the kernel does not count the run towards the next full check
            partialCheck(nowMs);
        }
    }

    private void fullCheck(long nowMs) {
        if (entries == 0) {
            return;
        }
        long limit = expirationMs.getAsLong();
        for (int bucket = 0; bucket < 1 << KERNEL_BITS; bucket++) {
            dropIdle(bucket, nowMs, limit);
        }
    }

    private void partialCheck(long nowMs) {
        int goal = Math.min((entries - MAX_SIZE) * 4 / 3, MAX_SIZE / 2);
        for (int i = 0; i < 1 << KERNEL_BITS && goal > 0; i++) {
            rover = rover + 1 & (1 << KERNEL_BITS) - 1;
            goal -= dropIdle(rover, nowMs, IDLE_MS);
        }
    }

    /** Drops the entries of one of the kernel's buckets that were idle for the limit or longer. */
    private int dropIdle(int kernelBucket, long nowMs, long limitMs) {
        int dropped = 0;
        int first = kernelBucket << SPLIT_BITS;
        for (int bucket = first; bucket < first + (1 << SPLIT_BITS); bucket++) {
            int previous = NO_ENTRY;
            int entry = heads[bucket];
            while (entry != NO_ENTRY) {
                int following = next[entry];
                if (nowMs - lastUsedMs[entry] < limitMs) {
                    previous = entry;
                } else {
                    if (previous == NO_ENTRY) {
                        heads[bucket] = following;
                    } else {
                        next[previous] = following;
                    }
                    released(entry);
                    next[entry] = free;
                    free = entry;
                    entries--;
                    dropped++;
                }
                entry = following;
            }
        }
        return dropped;
    }
}
