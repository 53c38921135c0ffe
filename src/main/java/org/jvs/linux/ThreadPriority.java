package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Which thread runs when several could (sched(7)).
public final class ThreadPriority {
    private static final int SCHED_FIFO = 1;
    private static final int LEAST_REAL_TIME = 1;

    private ThreadPriority() {}

    /// Has the calling platform thread run before all ordinary threads of its CPU as soon as it has
    /// something to do. The kernel still leaves others 5 % of the time
    /// (`kernel.sched_rt_runtime_us`).
    ///
    /// @return false where the kernel refuses it: without CAP_SYS_NICE, or in a control group
    ///   without real-time budget
    public static boolean realTime() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = arena.allocateFrom(JAVA_INT, LEAST_REAL_TIME);
            return Syscalls.call(Nr.SCHED_SETSCHEDULER, 0, SCHED_FIFO, parameters.address()) == 0;
        }
    }
}
