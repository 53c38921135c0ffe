package org.jvs.datapath.program;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Var;

/// The director's clock as the program reads it (map [Maps#CLOCK]): jiffies, which cost next to
/// nothing, times a scale, plus an offset. Only the low 32 bits count, in milliseconds.
///
/// ```
///   0  u64 scale: milliseconds per jiffy, times 2^32      8  u64 offset in ms
/// ```
public final class Clock {
    public static final int BYTES = 16;

    private static final Field SCALE = Field.u64("scale", 0);
    private static final Field OFFSET = Field.u64("offset", 8);

    private Clock() {}

    /// Sets the clock right.
    public static void write(MemorySegment memory, long scale, long offsetMs) {
        memory.set(JAVA_LONG, SCALE.offset(), scale);
        memory.set(JAVA_LONG, OFFSET.offset(), offsetMs);
    }

    /// Reads the clock; only the lower half counts. A call, which leaves nothing in R0 to R5.
    static Var read(Code code, Var now, Var scratch) {
        Var jiffies = code.kernel().jiffies();
        scratch.address(Maps.CLOCK, 0);
        now.load(scratch, SCALE).mul(jiffies).shiftRight(32);
        scratch.load(scratch, OFFSET);
        return now.add(scratch);
    }
}
