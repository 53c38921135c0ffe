package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// A ring on which the kernel puts and we take: receive (packets) and completion (frames that were
/// sent). For one thread.
///
/// ```
/// int n = ring.available(64);
/// for (int i = 0; i < n; i++) use(ring.address(i), ring.length(i));
/// ring.release(n);
/// ```
public final class ConsumerRing {
    private static final VarHandle INDEX = JAVA_INT.varHandle();

    private final MemorySegment memory;
    private final long producerOffset;
    private final long consumerOffset;
    private final long entriesOffset;
    private final int entryShift;
    private final int size;
    private int consumer;
    private int cachedProducer;

    ConsumerRing(
            MemorySegment memory,
            long producerOffset,
            long consumerOffset,
            long entriesOffset,
            int entryShift,
            int size) {
        this.memory = memory;
        this.producerOffset = producerOffset;
        this.consumerOffset = consumerOffset;
        this.entriesOffset = entriesOffset;
        this.entryShift = entryShift;
        this.size = size;
    }

    /// How many entries can be read now, at most `max`.
    public int available(int max) {
        int count = cachedProducer - consumer;
        if (count == 0) {
            cachedProducer = (int) INDEX.getAcquire(memory, producerOffset);
            count = cachedProducer - consumer;
        }
        return Math.min(count, max);
    }

    /// Where in the umem the packet (or the sent frame) of the `index`-th entry begins.
    public long address(int index) {
        return memory.get(JAVA_LONG, entry(index));
    }

    /// The packet's length in bytes; receive ring only.
    public int length(int index) {
        return memory.get(JAVA_INT, entry(index) + 8);
    }

    private long entry(int index) {
        return entriesOffset + ((long) (consumer + index & size - 1) << entryShift);
    }

    /// Gives the oldest `count` entries back to the kernel, which may overwrite them; the frames
    /// they named are ours.
    public void release(int count) {
        consumer += count;
        INDEX.setRelease(memory, consumerOffset, consumer);
    }

    /// Number of entries, a power of two.
    public int size() {
        return size;
    }
}
