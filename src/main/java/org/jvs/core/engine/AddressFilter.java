package org.jvs.core.engine;

/**
 * Tells at the cost of one hot word whether an address may be one of a set, so that other packets
 * need no look-up. A Bloom filter with one hash: it may say yes wrongly, never no wrongly; it only
 * fills up.
 */
final class AddressFilter {
    private final long[] bits = new long[256];

    private static int hash(long hi, long lo) {
        long x = (lo + hi * 31) * 0x9e3779b97f4a7c15L;
        return (int) (x >>> 50);
    }

    void add(long hi, long lo) {
        int bit = hash(hi, lo);
        bits[bit >>> 6] |= 1L << (bit & 63);
    }

    boolean mayContain(long hi, long lo) {
        int bit = hash(hi, lo);
        return (bits[bit >>> 6] & 1L << (bit & 63)) != 0;
    }
}
