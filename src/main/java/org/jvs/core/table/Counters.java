package org.jvs.core.table;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.BitSet;

/**
 * Packet counters: a line of 64 bytes for each service, each destination and the whole director,
 * once per lane. A lane belongs to one writer, so nothing is added atomically; readers sum up. Lane
 * 0 is the engine's, lane 1 + n that of CPU n of the XDP program. Line l of lane n lies at (n *
 * lines + l) * 64.
 *
 * <pre>  0 connections, 8 packets in, 16 packets out, 24 bytes in, 32 bytes out (u64 each)</pre>
 */
public final class Counters {
    public static final int LINE_BYTES = 64;
    public static final int CONNECTIONS = 0;
    public static final int IN_PACKETS = 1;
    public static final int OUT_PACKETS = 2;
    public static final int IN_BYTES = 3;
    public static final int OUT_BYTES = 4;

    /** Values per line. */
    public static final int VALUES = 5;

    /** The line of the whole director. */
    public static final int TOTAL = 0;

    /** A line for what nobody reads: packets of connections whose service was removed. */
    public static final int NOWHERE = 1;

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment memory;
    private final int lanes;
    private final int lines;
    private final BitSet used = new BitSet();

    public Counters(SegmentAllocator allocator, int lanes, int lines) {
        this.lanes = lanes;
        this.lines = lines;
        this.memory = allocator.allocate((long) lanes * lines * LINE_BYTES, LINE_BYTES);
        used.set(TOTAL);
        used.set(NOWHERE);
    }

    /** The shared memory. */
    public MemorySegment memory() {
        return memory;
    }

    /**
     * Takes a free line, or -1. What it counted before is still in it: {@link Meter} starts from
     * there.
     */
    public int allocate() {
        int line = used.nextClearBit(0);
        if (line >= lines) {
            return -1;
        }
        used.set(line);
        return line;
    }

    /** Gives a line back. */
    public void release(int line) {
        used.clear(line);
    }

    /** Lines of each lane. */
    public int lines() {
        return lines;
    }

    public int lanes() {
        return lanes;
    }

    private long at(int lane, int line, int value) {
        return ((long) lane * lines + line) * LINE_BYTES + value * 8L;
    }

    /** Adds to a value of the lane's own line. */
    public void add(int lane, int line, int value, long amount) {
        long at = at(lane, line, value);
        LONG.setOpaque(memory, at, (long) LONG.get(memory, at) + amount);
    }

    /** Adds a packet of so many bytes to two values of the lane's own line. */
    public void addPacket(int lane, int line, int packets, int bytes, int length) {
        long at = at(lane, line, 0);
        long atPackets = at + packets * 8L;
        long atBytes = at + bytes * 8L;
        // Plain: a 64-bit JVM does not tear aligned longs, and barriers elsewhere on a packet's way
        // keep the stores from being put off; an opaque store here would make the compiler forget
        // all that it knows about the memory's bounds.
        LONG.set(memory, atPackets, (long) LONG.get(memory, atPackets) + 1);
        LONG.set(memory, atBytes, (long) LONG.get(memory, atBytes) + length);
    }

    /** The sum over all lanes. */
    public long read(int line, int value) {
        long sum = 0;
        for (int lane = 0; lane < lanes; lane++) {
            sum += (long) LONG.getOpaque(memory, at(lane, line, value));
        }
        return sum;
    }
}
