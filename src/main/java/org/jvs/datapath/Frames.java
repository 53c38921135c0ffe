package org.jvs.datapath;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jvs.linux.Umem;

/// Keeps account of the umem's frames: which are free, and which queue holds the others in its
/// rings. For the packet thread alone.
final class Frames {
    /// Taken out of a ring, not yet put on another.
    static final int IN_HAND = -1;

    private static final int FREE = -2;

    private final Umem umem;
    private final int frameBytes;
    private final int[] holders;
    private final int[] free;
    private int freeCount;

    Frames(Umem umem) {
        this.umem = umem;
        frameBytes = umem.frameBytes();
        holders = new int[umem.frameCount()];
        free = new int[umem.frameCount()];
        Arrays.fill(holders, FREE);
        for (int i = 0; i < free.length; i++) {
            free[i] = free.length - 1 - i;
        }
        freeCount = free.length;
    }

    MemorySegment memory() {
        return umem.memory();
    }

    /// The address of the first byte of the frame that an address lies in.
    long start(long address) {
        return address & -frameBytes;
    }

    int bytes() {
        return frameBytes;
    }

    int free() {
        return freeCount;
    }

    /// Takes a free frame in hand.
    ///
    /// @return its first byte's address, or -1 if none is free
    long take() {
        if (freeCount == 0) {
            return -1;
        }
        int frame = free[--freeCount];
        holders[frame] = IN_HAND;
        return (long) frame * frameBytes;
    }

    /// Notes who holds the frame of an address: a queue's number or [#IN_HAND].
    void hold(long address, int holder) {
        holders[(int) (address / frameBytes)] = holder;
    }

    /// Frees the frame of an address.
    void release(long address) {
        int frame = (int) (address / frameBytes);
        if (holders[frame] != FREE) {
            holders[frame] = FREE;
            free[freeCount++] = frame;
        }
    }

    /// Frees all frames of a queue that is gone.
    void releaseAll(int holder) {
        for (int frame = 0; frame < holders.length; frame++) {
            if (holders[frame] == holder) {
                holders[frame] = FREE;
                free[freeCount++] = frame;
            }
        }
    }
}
