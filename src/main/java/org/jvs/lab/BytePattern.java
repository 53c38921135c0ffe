package org.jvs.lab;

import java.util.zip.CRC32C;

/// Bytes that look random and are the same each time, so that both ends of a transfer know what it
/// must have been, and any slice that is lost, doubled or out of place shows.
final class BytePattern {
    /// A period that is prime to all packet and buffer sizes.
    private static final byte[] BLOCK = block(1_000_003);

    private BytePattern() {}

    private static byte[] block(int length) {
        byte[] block = new byte[length];
        long x = 0x9e3779b97f4a7c15L;
        for (int i = 0; i < length; i++) {
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
            block[i] = (byte) (x >>> 32);
        }
        return block;
    }

    /// Copies bytes from `position` of the stream; returns how many, at most `into.length`.
    static int fill(byte[] into, long position, long limit) {
        int from = (int) (position % BLOCK.length);
        int count = (int) Math.min(Math.min(into.length, BLOCK.length - from), limit - position);
        System.arraycopy(BLOCK, from, into, 0, count);
        return count;
    }

    /// The CRC-32C (RFC 3720) of the first `length` bytes of the stream.
    static long crc(long length) {
        CRC32C crc = new CRC32C();
        for (long done = 0; done < length; done += BLOCK.length) {
            crc.update(BLOCK, 0, (int) Math.min(BLOCK.length, length - done));
        }
        return crc.getValue();
    }
}
