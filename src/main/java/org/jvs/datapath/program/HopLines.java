package org.jvs.datapath.program;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import org.jvs.ebpf.Field;
import org.jvs.linux.MacAddress;

/// How packets reach each destination: interface, addresses of the Ethernet header, MTU, and the
/// source of tunnel packets. One cache line per destination in memory that the XDP program shares
/// (map [Maps#HOPS]); the index is the destination's. Written by whoever follows the kernel's
/// routes and neighbours, read by the program. It is in this package, and not beside its writers,
/// because the program needs its layout and floors make no circles.
///
/// ```
///   0  u32 flags: 1 = usable                               20  u16 MTU in bytes, from the IP header on
///   4  u32 interface index                                22  u16 reserved
///   8  6 bytes destination MAC                            24  u64 u64 reserved
///  14  6 bytes source MAC                                 40  u64 u64 tunnel source address, high and low half
///                                                         56  u64 reserved
/// ```
///
/// Addresses are in the machine's byte order as in `Destinations`, MACs as on the wire. A line that
/// is not usable sends its packets up to the Java engine. A line is changed while it is not usable;
/// a packet that is under way in that very moment may leave with half of the new answer, as packets
/// may be lost whenever a neighbour changes.
public final class HopLines {
    public static final int LINE_BYTES = 64;

    /// Flag: the line may be used.
    static final int USABLE = 1;

    static final Field FLAGS = Field.u32("flags", 0);
    static final Field INTERFACE = Field.u32("interface", 4);

    /// Both MACs, in the order of an Ethernet header: eight bytes here, four at [#MACS_END].
    static final Field MACS = Field.u64("macs", 8);

    static final Field MACS_END = Field.u32("macs+8", 16);
    static final Field MTU = Field.u16("mtu", 20);
    static final Field SOURCE_HI = Field.u64("tunnel source", 40);
    static final Field SOURCE_LO = Field.u64("tunnel source+8", 48);

    private static final VarHandle INT = JAVA_INT.varHandle();

    private final MemorySegment memory;

    /// @param memory zeroed, or what another writer left; a line for each destination
    public HopLines(MemorySegment memory) {
        this.memory = memory;
    }

    /// Memory for so many destinations.
    public static long bytes(int destinations) {
        return (long) destinations * LINE_BYTES;
    }

    private static long at(int destination, Field field) {
        return (long) destination * LINE_BYTES + field.offset();
    }

    /// Whether packets to a destination may take this way.
    public boolean isUsable(int destination) {
        return ((int) INT.getAcquire(memory, at(destination, FLAGS)) & USABLE) != 0;
    }

    /// Sends a destination's packets up to the Java engine from now on: it is local, has no route
    /// or neighbour, or its interface cannot be sent to from here.
    public void clear(int destination) {
        INT.setRelease(memory, at(destination, FLAGS), 0);
    }

    /// Says how a destination is reached.
    ///
    /// @param mtu of the route in bytes; what is above 65,535 counts as that
    /// @param sourceHi source address of tunnel packets to it, 0 if there are none
    public void set(
            int destination,
            int interfaceIndex,
            MacAddress to,
            MacAddress from,
            int mtu,
            long sourceHi,
            long sourceLo) {
        clear(destination);
        VarHandle.fullFence();
        memory.set(JAVA_INT, at(destination, INTERFACE), interfaceIndex);
        MemorySegment.copy(to.toBytes(), 0, memory, JAVA_BYTE, at(destination, MACS), 6);
        MemorySegment.copy(from.toBytes(), 0, memory, JAVA_BYTE, at(destination, MACS) + 6, 6);
        memory.set(JAVA_SHORT, at(destination, MTU), (short) Math.min(mtu, 0xffff));
        memory.set(JAVA_LONG, at(destination, SOURCE_HI), sourceHi);
        memory.set(JAVA_LONG, at(destination, SOURCE_LO), sourceLo);
        INT.setRelease(memory, at(destination, FLAGS), USABLE);
    }

    /// Index of the interface, whether usable or not.
    public int interfaceIndex(int destination) {
        return memory.get(JAVA_INT, at(destination, INTERFACE));
    }

    /// MAC address of the next hop.
    public MacAddress to(int destination) {
        return mac(at(destination, MACS));
    }

    /// MAC address of the interface.
    public MacAddress from(int destination) {
        return mac(at(destination, MACS) + 6);
    }

    private MacAddress mac(long at) {
        return MacAddress.ofBytes(memory.asSlice(at, 6).toArray(JAVA_BYTE));
    }

    /// MTU in bytes, from the IP header on.
    public int mtu(int destination) {
        return memory.get(JAVA_SHORT, at(destination, MTU)) & 0xffff;
    }

    /// High half of the source address of tunnel packets.
    public long sourceHi(int destination) {
        return memory.get(JAVA_LONG, at(destination, SOURCE_HI));
    }

    /// Low half of the source address of tunnel packets.
    public long sourceLo(int destination) {
        return memory.get(JAVA_LONG, at(destination, SOURCE_LO));
    }
}
