package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Which CPUs a thread may run on.
public final class CpuAffinity {
    private static final int MASK_BYTES = 128; // 1024 CPUs

    private CpuAffinity() {}

    /// Keeps the calling platform thread on one CPU from now on.
    ///
    /// @param cpu from 0
    /// @throws LinuxException EINVAL if there is no such CPU
    public static void pin(int cpu) {
        if (cpu < 0 || cpu >= MASK_BYTES * 8) {
            throw new IllegalArgumentException(
                    "CPU " + cpu + " is not in 0.." + (MASK_BYTES * 8 - 1));
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, 8);
            mask.setAtIndex(JAVA_LONG, cpu / 64, 1L << cpu % 64);
            Syscalls.check(
                    "sched_setaffinity to CPU " + cpu,
                    Syscalls.call(Nr.SCHED_SETAFFINITY, 0, MASK_BYTES, mask.address()));
        }
    }
}
