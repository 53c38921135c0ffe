package org.jvs.datapath.program;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import org.jvs.core.net.Address;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.Var;

/// Which addresses the program has to look at (map [Maps#ADDRESSES]): one set of NAT realservers,
/// whose packets may be replies, and one of virtual addresses. All other traffic costs two hot bits
/// and no look-up. The sets are Bloom filters with one hash, the very one of the engine's
/// `AddressFilter`: they may say yes wrongly, never no wrongly, and only fill up.
///
/// ```
///   0  16,384 bits: realservers       2048  16,384 bits: virtual addresses
/// ```
public final class AddressBits {
    public static final int BYTES = 4096;

    static final int REALSERVERS = 0;
    static final int VIRTUALS = BYTES / 2;

    private static final long FACTOR = 0x9e3779b97f4a7c15L;
    private static final int SHIFT = 50;
    private static final Field EIGHT = Field.u8("bits", 0);

    private AddressBits() {}

    /// Adds the address of a NAT realserver.
    public static void addRealserver(MemorySegment memory, Address address) {
        add(memory, REALSERVERS, address);
    }

    /// Adds a virtual address.
    public static void addVirtual(MemorySegment memory, Address address) {
        add(memory, VIRTUALS, address);
    }

    private static void add(MemorySegment memory, int set, Address address) {
        int bit = (int) ((address.lo() + address.hi() * 31) * FACTOR >>> SHIFT);
        int at = set + (bit >>> 3);
        memory.set(JAVA_BYTE, at, (byte) (memory.get(JAVA_BYTE, at) | 1 << (bit & 7)));
    }

    /// Goes to a label unless the address may be in a set.
    ///
    /// @param folded lo + hi * 31 of the address; is changed
    /// @param byteAt any free register's variable
    /// @param bits another one
    static void require(Code code, int set, Var folded, Var byteAt, Var bits, Label otherwise) {
        folded.mul(bits.set(FACTOR)).shiftRight(SHIFT);
        byteAt.address(Maps.ADDRESSES, set);
        bits.set(folded).shiftRight(3);
        byteAt.add(bits);
        bits.load(byteAt, EIGHT);
        bits.shiftRight(folded.and(7));
        code.when(bits.lacks(1), otherwise);
    }
}
