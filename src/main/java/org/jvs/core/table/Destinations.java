package org.jvs.core.table;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.BitSet;

/**
 * What a packet needs of its destination, one cache line each, in memory that the XDP program can
 * share. All fields are in the machine's byte order.
 *
 * <pre>
 *   0  u64 address, high half          32  u32 active connections
 *   8  u64 address, low half           36  u32 inactive connections
 *  16  u16 port                        40  u32 templates
 *  18  u8  forwarding method           44  u32 last weight that was not 0
 *  19  u8  flags                       48  u32 index of the service's counters
 *  20  u32 weight                      52  u8  tunnel kind, u8 tunnel flags, u16 tunnel port
 *  24  u32 upper threshold             56  u32 index of its own counters
 *  28  u32 lower threshold             60  u32 reserved
 * </pre>
 *
 * Counts are changed atomically by whoever creates, moves or removes a connection. A line is given
 * back only when no entry of the connection table refers to it.
 */
public final class Destinations {
    public static final int LINE_BYTES = 64;

    /** New packets of its connections are forwarded; cleared when the destination is removed. */
    public static final int AVAILABLE = 1;

    /** The upper threshold was reached. */
    public static final int OVERLOADED = 2;

    public static final int IPV6 = 4;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final VarHandle INT_HANDLE = INT.varHandle();

    private static final int ADDRESS_HI = 0;
    private static final int ADDRESS_LO = 8;
    private static final int PORT = 16;
    private static final int METHOD = 18;
    private static final int FLAGS_WORD = 16;
    private static final int FLAGS_SHIFT = 24;
    private static final int FLAGS = 19;
    private static final int WEIGHT = 20;
    private static final int UPPER = 24;
    private static final int LOWER = 28;
    private static final int ACTIVE = 32;
    private static final int INACTIVE = 36;
    private static final int TEMPLATES = 40;
    private static final int LAST_WEIGHT = 44;
    private static final int SERVICE = 48;
    private static final int TUNNEL_KIND = 52;
    private static final int TUNNEL_FLAGS = 53;
    private static final int TUNNEL_PORT = 54;
    private static final int COUNTERS = 56;

    private final MemorySegment memory;
    private final int capacity;
    private final BitSet used = new BitSet();

    /** Lines that were taken or given back, or got another address, since they were asked for. */
    private final BitSet changed = new BitSet();

    private volatile boolean hasChanged;
    private volatile int released;

    /**
     * @param capacity number of lines, at most {@link Control#MAX_DESTINATIONS}
     */
    public Destinations(SegmentAllocator allocator, int capacity) {
        if (capacity < 1 || capacity > Control.MAX_DESTINATIONS) {
            throw new IllegalArgumentException(
                    "capacity " + capacity + " is not in 1.." + Control.MAX_DESTINATIONS);
        }
        this.capacity = capacity;
        this.memory = allocator.allocate((long) capacity * LINE_BYTES, LINE_BYTES);
    }

    /** The shared memory. */
    public MemorySegment memory() {
        return memory;
    }

    /** Takes a free line, zeroed; -1 if all are in use. Configuration thread only. */
    public int allocate() {
        int index;
        synchronized (used) {
            index = used.nextClearBit(0);
            if (index >= capacity) {
                return -1;
            }
            used.set(index);
            change(index);
        }
        memory.asSlice(at(index, 0), LINE_BYTES).fill((byte) 0);
        return index;
    }

    /** Gives a line back. Configuration thread only; nothing may refer to it. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    public void release(int index) {
        synchronized (used) {
            used.clear(index);
            change(index);
        }
        released = released + 1;
    }

    private void change(int index) {
        changed.set(index);
        hasChanged = true;
    }

    /**
     * The lines that were taken, given back or given an address since the last call; any thread,
     * one reader.
     */
    public BitSet takeChanged() {
        if (!hasChanged) {
            return new BitSet();
        }
        synchronized (used) {
            BitSet taken = (BitSet) changed.clone();
            changed.clear();
            hasChanged = false;
            return taken;
        }
    }

    /** The lines in use; a copy, for any thread. */
    public BitSet inUse() {
        synchronized (used) {
            return (BitSet) used.clone();
        }
    }

    /**
     * How many lines were given back so far; what is remembered of a line is good for one value of
     * this.
     */
    public int released() {
        return released;
    }

    private static long at(int index, int field) {
        return (long) index * LINE_BYTES + field;
    }

    /**
     * Sets what does not change while the destination exists.
     *
     * @param service line of the service's counters
     * @param counters line of its own counters
     */
    public void setIdentity(
            int index, boolean ipv6, long hi, long lo, int port, int service, int counters) {
        memory.set(LONG, at(index, ADDRESS_HI), hi);
        memory.set(LONG, at(index, ADDRESS_LO), lo);
        memory.set(SHORT, at(index, PORT), (short) port);
        memory.set(BYTE, at(index, FLAGS), (byte) (ipv6 ? IPV6 : 0));
        memory.set(INT, at(index, SERVICE), service);
        memory.set(INT, at(index, COUNTERS), counters);
        synchronized (used) {
            change(index);
        }
    }

    /** Puts it under another service's counters. */
    public void setService(int index, int service) {
        memory.set(INT, at(index, SERVICE), service);
    }

    /** Line of its own counters. */
    public int counters(int index) {
        return memory.get(INT, at(index, COUNTERS));
    }

    /** Sets the tunnel's parameters. */
    public void setTunnel(int index, int kind, int flags, int port) {
        memory.set(BYTE, at(index, TUNNEL_KIND), (byte) kind);
        memory.set(BYTE, at(index, TUNNEL_FLAGS), (byte) flags);
        memory.set(SHORT, at(index, TUNNEL_PORT), (short) port);
    }

    public int tunnelKind(int index) {
        return memory.get(BYTE, at(index, TUNNEL_KIND));
    }

    public boolean isIpv6(int index) {
        return (flags(index) & IPV6) != 0;
    }

    public long addressHi(int index) {
        return memory.get(LONG, at(index, ADDRESS_HI));
    }

    public long addressLo(int index) {
        return memory.get(LONG, at(index, ADDRESS_LO));
    }

    public int port(int index) {
        return memory.get(SHORT, at(index, PORT)) & 0xffff;
    }

    /** Number of the forwarding method, as in {@code ForwardingMethod.number()}. */
    public int method(int index) {
        return memory.get(BYTE, at(index, METHOD));
    }

    public void setMethod(int index, int method) {
        memory.set(BYTE, at(index, METHOD), (byte) method);
    }

    public int service(int index) {
        return memory.get(INT, at(index, SERVICE));
    }

    public int weight(int index) {
        return (int) INT_HANDLE.getOpaque(memory, at(index, WEIGHT));
    }

    /** The weight, or -1 where the upper threshold was reached: one read of two fields. */
    public int openWeight(int index) {
        long word = memory.get(LONG, at(index, FLAGS_WORD));
        return (word & (long) OVERLOADED << FLAGS_SHIFT) != 0 ? -1 : (int) (word >>> 32);
    }

    /** Inactive connections in the high half, active ones in the low half. */
    public long connections(int index) {
        return memory.get(LONG, at(index, ACTIVE));
    }

    public int lastWeight(int index) {
        return memory.get(INT, at(index, LAST_WEIGHT));
    }

    /** Sets the weight, and the last weight unless the new one is 0. */
    public void setWeight(int index, int weight) {
        INT_HANDLE.setOpaque(memory, at(index, WEIGHT), weight);
        if (weight != 0) {
            memory.set(INT, at(index, LAST_WEIGHT), weight);
        }
    }

    public int upperThreshold(int index) {
        return memory.get(INT, at(index, UPPER));
    }

    /**
     * Sets both thresholds and says anew whether the destination is overloaded, as the kernel does
     * on every add and edit.
     */
    public void setThresholds(int index, int upper, int lower) {
        memory.set(INT, at(index, UPPER), upper);
        memory.set(INT, at(index, LOWER), lower);
        if (upper != 0 && total(index) >= Integer.toUnsignedLong(upper)) {
            setFlag(index, OVERLOADED);
        } else if (hasRecovered(index)) {
            clearFlag(index, OVERLOADED);
        }
    }

    /** Below the lower threshold, or without one below three quarters of the upper one. */
    private boolean hasRecovered(int index) {
        long total = total(index);
        long lower = Integer.toUnsignedLong(memory.get(INT, at(index, LOWER)));
        long upper = Integer.toUnsignedLong(upperThreshold(index));
        if (upper == 0 && lower == 0) {
            return true;
        }
        return lower != 0 ? total < lower : total * 4 < upper * 3;
    }

    public int active(int index) {
        return (int) INT_HANDLE.getOpaque(memory, at(index, ACTIVE));
    }

    public int inactive(int index) {
        return (int) INT_HANDLE.getOpaque(memory, at(index, INACTIVE));
    }

    public int templates(int index) {
        return (int) INT_HANDLE.getOpaque(memory, at(index, TEMPLATES));
    }

    private int flags(int index) {
        return memory.get(BYTE, at(index, FLAGS));
    }

    public boolean isAvailable(int index) {
        return (flags(index) & AVAILABLE) != 0;
    }

    public boolean isOverloaded(int index) {
        return (flags(index) & OVERLOADED) != 0;
    }

    // Flags share an aligned word with port and method, which change only while no packet uses the
    // line's flags
    // differently; a fetch-and-or on the word is atomic for the flags.

    public void setFlag(int index, int flag) {
        int _ =
                (int)
                        INT_HANDLE.getAndBitwiseOr(
                                memory, at(index, FLAGS_WORD), flag << FLAGS_SHIFT);
    }

    public void clearFlag(int index, int flag) {
        int _ =
                (int)
                        INT_HANDLE.getAndBitwiseAnd(
                                memory, at(index, FLAGS_WORD), ~(flag << FLAGS_SHIFT));
    }

    /** Counts a new entry, and notes an overload (kernel: ip_vs_bind_dest). */
    void bind(int index, long control) {
        add(index, counter(control), 1);
        long upper = Integer.toUnsignedLong(upperThreshold(index));
        if (upper != 0 && total(index) >= upper) {
            setFlag(index, OVERLOADED);
        }
    }

    /** Forgets an entry, and ends an overload if it may end (kernel: ip_vs_unbind_dest). */
    void unbind(int index, long control) {
        add(index, counter(control), -1);
        if (isOverloaded(index) && hasRecovered(index)) {
            clearFlag(index, OVERLOADED);
        }
    }

    /** Moves a connection between the active and the inactive count. */
    void recount(int index, long before, long after) {
        add(index, counter(before), -1);
        add(index, counter(after), 1);
    }

    /** Corrects the counts by what was found to be too much, and says anew what follows. */
    void correct(int index, int moreActive, int moreInactive, int moreTemplates) {
        add(index, ACTIVE, -moreActive);
        add(index, INACTIVE, -moreInactive);
        add(index, TEMPLATES, -moreTemplates);
        setThresholds(index, upperThreshold(index), memory.get(INT, at(index, LOWER)));
    }

    private static int counter(long control) {
        if (Control.has(control, Control.TEMPLATE)) {
            return TEMPLATES;
        }
        return Control.has(control, Control.INACTIVE) ? INACTIVE : ACTIVE;
    }

    private void add(int index, int field, int amount) {
        int _ = (int) INT_HANDLE.getAndAdd(memory, at(index, field), amount);
    }

    private long total(int index) {
        return (long) active(index) + inactive(index);
    }

    /** Whether entries of the connection table refer to it. */
    public boolean isReferred(int index) {
        return total(index) != 0 || templates(index) != 0;
    }

    /** Lines in use. */
    public int size() {
        synchronized (used) {
            return used.cardinality();
        }
    }

    /** Lines in all. */
    public int capacity() {
        return capacity;
    }
}
