package org.jvs.core.wire;

import java.lang.foreign.MemorySegment;

/**
 * The Internet checksum (RFC 1071) and its incremental update (RFC 1624). Sums are kept as unfolded
 * longs of 16-bit words in network order; {@link #fold} ends them.
 */
public final class Checksum {
    private Checksum() {}

    /**
     * Adds the 16-bit words of {@code length} bytes; an odd last byte counts as the high half of a
     * word.
     */
    public static long sum(MemorySegment memory, long offset, int length, long start) {
        long sum = start;
        long at = offset;
        int left = length;
        while (left >= 4) {
            sum += memory.get(Fields.INT, at) & 0xffffffffL;
            at += 4;
            left -= 4;
        }
        if (left >= 2) {
            sum += memory.get(Fields.SHORT, at) & 0xffff;
            at += 2;
            left -= 2;
        }
        if (left > 0) {
            sum += (memory.get(Fields.BYTE, at) & 0xff) << 8;
        }
        return sum;
    }

    /** The folded sum of an IPv4 header without options, in three reads instead of a loop. */
    public static int sumOfHeader(MemorySegment memory, long offset) {
        long first = memory.get(Fields.LONG, offset);
        long second = memory.get(Fields.LONG, offset + 8);
        long third = memory.get(Fields.INT, offset + 16) & 0xffffffffL;
        return fold(sumAddress(first, second) + third);
    }

    /** Adds the words of an IPv6 address. */
    public static long sumAddress(long hi, long lo) {
        return (hi >>> 32) + (hi & 0xffffffffL) + (lo >>> 32) + (lo & 0xffffffffL);
    }

    /** Folds a sum to 16 bits, not yet complemented. Exact for sums below 2^62. */
    public static int fold(long sum) {
        long folded = (sum & 0xffffffffL) + (sum >>> 32);
        folded = (folded & 0xffff) + (folded >>> 16);
        folded = (folded & 0xffff) + (folded >>> 16);
        folded = (folded & 0xffff) + (folded >>> 16);
        return (int) folded;
    }

    /**
     * The checksum field after some words under it changed (RFC 1624, equation 3: HC' = ~(~HC + ~m
     * + m')).
     *
     * @param field the old value of the field
     * @param delta sum of the new words minus sum of the old ones, as {@link #delta} gives it
     */
    public static int update(int field, long delta) {
        return ~fold((~field & 0xffff) + delta) & 0xffff;
    }

    /**
     * The change of a sum when {@code before} gives way to {@code after} (both sums of words); not
     * negative.
     */
    public static long delta(long before, long after) {
        return (fold(after) & 0xffffL) + (~fold(before) & 0xffff);
    }
}
