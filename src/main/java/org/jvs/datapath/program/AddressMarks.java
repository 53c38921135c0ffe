package org.jvs.datapath.program;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import org.jvs.core.net.Address;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.Var;

/// Which addresses the program has to look at (map [Maps#ADDRESSES]): NAT realservers, whose
/// packets may be replies, and virtual addresses. All other traffic costs two hot bytes and no
/// look-up in tables that may be cold. A byte of flags for each value of a hash: it may say yes
/// wrongly, never no wrongly, and flags are only ever added.
///
/// The hash is of the address as it lies in a packet, read as little-endian words of 32 bits: their
/// sum for IPv6, times a constant, the upper bits.
public final class AddressMarks {
    private static final int BITS = 14;

    public static final int BYTES = 1 << BITS;

    static final int REALSERVER = 1;
    static final int VIRTUAL = 2;

    private static final int FACTOR = 0x1e3779b1;
    private static final Field MARKS = Field.u8("marks", 0);

    private AddressMarks() {}

    /// Adds the address of a NAT realserver.
    public static void addRealserver(MemorySegment memory, Address address) {
        add(memory, REALSERVER, address);
    }

    /// Adds a virtual address.
    public static void addVirtual(MemorySegment memory, Address address) {
        add(memory, VIRTUAL, address);
    }

    private static void add(MemorySegment memory, int mark, Address address) {
        int sum = Integer.reverseBytes((int) address.lo());
        if (address.isIpv6()) {
            sum += Integer.reverseBytes((int) (address.lo() >>> 32));
            sum += Integer.reverseBytes((int) address.hi());
            sum += Integer.reverseBytes((int) (address.hi() >>> 32));
        }
        int at = sum * FACTOR >>> Integer.SIZE - BITS;
        memory.set(JAVA_BYTE, at, (byte) (memory.get(JAVA_BYTE, at) | mark));
    }

    /// Goes to a label unless the address may have a mark.
    ///
    /// @param sum of the address's words, in the lower half; is changed
    /// @param marks any free register's variable
    static void require(Code code, int mark, Var sum, Var marks, Label otherwise) {
        sum.low().mul(FACTOR).shiftRight(Integer.SIZE - BITS);
        marks.address(Maps.ADDRESSES, 0);
        marks.add(sum);
        code.when(marks.load(marks, MARKS).and(mark).eq(0), otherwise);
    }
}
