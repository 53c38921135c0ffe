package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// A ring on which we put and the kernel takes: fill (frames to receive into) and transmit (packets
/// to send). For one thread. See Documentation/networking/af_xdp.rst, "Rings".
///
/// ```
/// int n = ring.reserve(want);
/// for (int i = 0; i < n; i++) ring.put(i, address, length);
/// ring.submit(n);
/// ```
public final class ProducerRing {
    private static final VarHandle INDEX = JAVA_INT.varHandle();
    private static final int NEED_WAKEUP = 1;

    private final MemorySegment memory;
    private final long producerOffset;
    private final long consumerOffset;
    private final long flagsOffset;
    private final long entriesOffset;
    private final int entryShift;
    private final int size;
    private int producer;
    private int cachedConsumer;

    ProducerRing(
            MemorySegment memory,
            long producerOffset,
            long consumerOffset,
            long flagsOffset,
            long entriesOffset,
            int entryShift,
            int size) {
        this.memory = memory;
        this.producerOffset = producerOffset;
        this.consumerOffset = consumerOffset;
        this.flagsOffset = flagsOffset;
        this.entriesOffset = entriesOffset;
        this.entryShift = entryShift;
        this.size = size;
    }

    /// How many entries may be put now, at most `want`.
    public int reserve(int want) {
        int free = size - (producer - cachedConsumer);
        if (free < want) {
            cachedConsumer = (int) INDEX.getAcquire(memory, consumerOffset);
            free = size - (producer - cachedConsumer);
        }
        return Math.min(free, want);
    }

    /// Puts the `index`-th entry (from 0) since the last [#submit]; fill ring.
    public void put(int index, long address) {
        memory.set(JAVA_LONG, entry(index), address);
    }

    /// Puts the `index`-th entry (from 0) since the last [#submit]; transmit ring.
    ///
    /// @param address where the packet begins in the umem
    /// @param length bytes
    public void put(int index, long address, int length) {
        long at = entry(index);
        memory.set(JAVA_LONG, at, address);
        memory.set(JAVA_INT, at + 8, length);
        memory.set(JAVA_INT, at + 12, 0);
    }

    private long entry(int index) {
        return entriesOffset + ((long) (producer + index & size - 1) << entryShift);
    }

    /// Shows the kernel the next `count` entries.
    public void submit(int count) {
        producer += count;
        INDEX.setRelease(memory, producerOffset, producer);
    }

    /// How many submitted entries the kernel has not taken yet.
    public int pending() {
        cachedConsumer = (int) INDEX.getAcquire(memory, consumerOffset);
        return producer - cachedConsumer;
    }

    /// Whether the kernel waits for a call before it looks at the ring.
    public boolean needsWakeup() {
        return ((int) INDEX.getAcquire(memory, flagsOffset) & NEED_WAKEUP) != 0;
    }

    /// Number of entries, a power of two.
    public int size() {
        return size;
    }
}
