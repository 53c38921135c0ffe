package org.jvs.datapath.program;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.Var;

/// Which interfaces send what a program gives them (map [Maps#OUT]): a bit for each index. Others
/// drop it silently; what is to leave by one of them goes up to the Java engine.
public final class OutInterfaces {
    public static final int BYTES = 8192;

    /// Indexes that have a bit; packets for higher ones go up.
    private static final int INDEXES = BYTES * 8;

    private static final Field EIGHT = Field.u8("bits", 0);

    private OutInterfaces() {}

    /// Says whether an interface sends what a program gives it. For one thread.
    public static void set(MemorySegment memory, int index, boolean sends) {
        if (index >= 0 && index < INDEXES) {
            int bits = memory.get(JAVA_BYTE, index >>> 3);
            int bit = 1 << (index & 7);
            memory.set(JAVA_BYTE, index >>> 3, (byte) (sends ? bits | bit : bits & ~bit));
        }
    }

    /// Goes to a label unless the interface sends.
    ///
    /// @param index of the interface; is changed
    /// @param byteAt any free register's variable
    /// @param bits another one
    static void require(Code code, Var index, Var byteAt, Var bits, Label otherwise) {
        code.when(index.ge(INDEXES), otherwise);
        byteAt.address(Maps.OUT, 0);
        bits.set(index).shiftRight(3);
        byteAt.add(bits);
        bits.load(byteAt, EIGHT);
        bits.shiftRight(index.and(7));
        code.when(bits.lacks(1), otherwise);
    }
}
