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
        pin(0, cpu);
    }

    /// Keeps a thread, of this process or another or of the kernel, on one CPU from now on.
    ///
    /// @param thread its id as in /proc; 0 is the calling one
    /// @param cpu from 0
    /// @throws LinuxException EINVAL if there is no such CPU, ESRCH if there is no such thread
    public static void pin(int thread, int cpu) {
        if (cpu < 0 || cpu >= MASK_BYTES * 8) {
            throw new IllegalArgumentException(
                    "CPU " + cpu + " is not in 0.." + (MASK_BYTES * 8 - 1));
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, 8);
            mask.setAtIndex(JAVA_LONG, cpu / 64, 1L << cpu % 64);
            Syscalls.check(
                    "sched_setaffinity of thread " + thread + " to CPU " + cpu,
                    Syscalls.call(Nr.SCHED_SETAFFINITY, thread, MASK_BYTES, mask.address()));
        }
    }
}
