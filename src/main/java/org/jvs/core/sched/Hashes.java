package org.jvs.core.sched;

import org.jvs.core.net.Protocol;

/** The kernel's hash functions as schedulers use them. */
final class Hashes {
    /** Linux {@code GOLDEN_RATIO_32}. */
    private static final int GOLDEN_RATIO = 0x61C88647;

    private Hashes() {}

    /** An address as 32 bits: IPv4 as it is, of IPv6 the four words combined by exclusive or. */
    static int fold(long hi, long lo) {
        long words = hi ^ lo;
        return (int) (words >>> 32) ^ (int) words;
    }

    /** Multiplicative hash (Linux {@code hash_32}): the upper bits of the product. */
    static int hash32(int value, int bits) {
        return value * GOLDEN_RATIO >>> 32 - bits;
    }

    /**
     * SipHash-1-3 (one round a word, three to finish) of one 32-bit word in little-endian order,
     * cut to 32 bits: what {@code hsiphash} is on 64-bit kernels.
     *
     * @param key both halves of the key, which are equal wherever schedulers use it
     */
    static int sipHash13(int value, long key) {
        long v0 = 0x736f6d6570736575L ^ key;
        long v1 = 0x646f72616e646f6dL ^ key;
        long v2 = 0x6c7967656e657261L ^ key;
        long v3 = 0x7465646279746573L ^ key;
        // the only block: length 4 in the top byte, then the four bytes
        long block = 4L << 56 | value & 0xffffffffL;
        v3 ^= block;
        for (int round = 0; round < 4; round++) {
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
            if (round == 0) {
                v0 ^= block;
                v2 ^= 0xff;
            }
        }
        return (int) (v0 ^ v1 ^ v2 ^ v3);
    }

    /** The client's port where the protocol has ports, else 0. */
    static int sourcePort(Flow flow) {
        return switch (flow.protocol()) {
            case Protocol.TCP, Protocol.UDP, Protocol.SCTP -> flow.sourcePort();
            default -> 0;
        };
    }
}
