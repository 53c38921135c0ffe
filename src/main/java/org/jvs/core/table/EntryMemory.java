package org.jvs.core.table;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Where the entries of a {@link ConnectionTable} lie and how their fields are read. All fields are
 * in the machine's byte order.
 *
 * <pre>
 *   IPv4 entry, 32 bytes                        IPv6 entry, 64 bytes
 *    0  u32 virtual, u32 client addresses        0  u64 u64 client address
 *    8  u64 ports (below)                       16  u64 u64 virtual address
 *   16  u64 {@link Control} word                      32  u64 ports (below)
 *   24  u32 last seen, ms                       40  u64 control word
 *   28  u32 link (below)                        48  u32 last seen, 52 u32 link, 56 reserved
 *
 *   ports: bits 48..63 client port, 32..47 virtual port, 24..31 protocol, 16..23 kind, 0..15 destination port
 *   link:  of a connection its template's slot + 1; of a template bit 31, bit 30 unless it takes connections, and the
 *          number of its connections
 * </pre>
 *
 * Behind the last slot are lines of 64 bytes with what is counted of the whole table. A lane
 * belongs to a CPU of the XDP program; lane 0 belongs to this process, whose threads add
 * atomically.
 *
 * <pre>
 *   line 0         0 u64 entries moved so far (read before and after a look-up that finds nothing)
 *   line 1 + lane  0 s64 entries put in less entries removed (only the sum over all lanes means something)
 *                  8 u64 entries evicted, 16 u64 newcomers refused
 * </pre>
 */
abstract class EntryMemory {
    /** No such entry, or no room. */
    public static final int NONE = -1;

    /** Kinds of entries; part of the key. */
    public static final int CONNECTION = 0;

    public static final int TEMPLATE = 1;

    /** Entries of a set. */
    static final int SET = 2;

    /** Bytes of a line of counts behind the slots. */
    public static final int COUNT_LINE_BYTES = 64;

    /** Fields of a lane's line. */
    static final int ENTRIES = 0;

    static final int EVICTIONS = 8;
    static final int REFUSALS = 16;

    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final VarHandle LONG_HANDLE = LONG.varHandle();
    static final VarHandle INT_HANDLE = INT.varHandle();

    static final int TEMPLATE_LINK = 1 << 31;
    static final int LINK_CLOSED = 1 << 30;
    private static final int LINK_COUNT = LINK_CLOSED - 1;

    /** The part of the ports word that names a connection: all but the destination's port. */
    static final long KEY_PORTS = 0xffff_ffff_ffff_0000L;

    final boolean ipv6;
    final MemorySegment memory;
    final int slots;
    final int shift;
    final int portsField;
    final int controlField;
    final int seenField;
    final int linkField;
    final int lanes;
    final long countsAt;
    private final int setMask;
    private final long seed;

    EntryMemory(SegmentAllocator allocator, boolean ipv6, int slots, long seed, int lanes) {
        if (slots < 4 || Integer.bitCount(slots) != 1) {
            throw new IllegalArgumentException(
                    "slots " + slots + " is not a power of two from 4 on");
        }
        this.ipv6 = ipv6;
        this.slots = slots;
        this.setMask = slots / SET - 1;
        this.shift = ipv6 ? 6 : 5;
        this.portsField = ipv6 ? 32 : 8;
        this.controlField = ipv6 ? 40 : 16;
        this.seenField = ipv6 ? 48 : 24;
        this.linkField = ipv6 ? 52 : 28;
        this.seed = seed;
        this.lanes = lanes;
        this.countsAt = (long) slots << shift;
        this.memory = allocator.allocate(bytes(ipv6, slots, lanes), 128);
    }

    /** What a table takes: its slots and the lines of counts behind them. */
    public static long bytes(boolean ipv6, int slots, int lanes) {
        return ((long) slots << (ipv6 ? 6 : 5)) + (1L + lanes) * COUNT_LINE_BYTES;
    }

    /** Where the counts begin: their line 0. */
    public final long countsAt() {
        return countsAt;
    }

    /** Adds to this process's lane. */
    final void count(int field, long amount) {
        long _ = (long) LONG_HANDLE.getAndAdd(memory, countsAt + COUNT_LINE_BYTES + field, amount);
    }

    /** Sums a field up over all lanes. */
    final long counted(int field) {
        long sum = 0;
        for (int lane = 0; lane < lanes; lane++) {
            long at = countsAt + (1L + lane) * COUNT_LINE_BYTES + field;
            sum += (long) LONG_HANDLE.getOpaque(memory, at);
        }
        return sum;
    }

    /** Entries that were moved to their other set so far. */
    public final long moves() {
        return (long) LONG_HANDLE.getAcquire(memory, countsAt);
    }

    /** The shared memory. */
    public final MemorySegment memory() {
        return memory;
    }

    public final boolean isIpv6() {
        return ipv6;
    }

    /** Number of slots. */
    public final int slots() {
        return slots;
    }

    static long ports(int clientPort, int virtualPort, int protocol, int kind) {
        return (long) clientPort << 48
                | (long) virtualPort << 32
                | (long) protocol << 24
                | (long) kind << 16;
    }

    /**
     * Both sets in one word: the low bits of either half. Depends on client address, port and
     * protocol only.
     */
    final long hash(long clientHi, long clientLo, long ports) {
        long x = clientLo ^ (ports >>> 48) << 40 ^ (ports >>> 24 & 0xff) << 56 ^ seed;
        if (ipv6) {
            x += Long.rotateLeft(clientHi * 0x9e3779b97f4a7c15L, 31);
        }
        x = (x ^ x >>> 32) * 0xd6e8feb86659fd93L;
        x = (x ^ x >>> 32) * 0xd6e8feb86659fd93L;
        return x ^ x >>> 32;
    }

    final int firstSet(long hash) {
        return (int) hash & setMask;
    }

    final int secondSet(long hash) {
        int second = (int) (hash >>> 32) & setMask;
        return second == firstSet(hash) ? second ^ 1 : second;
    }

    /** The i-th of the four slots that an entry may be in. */
    static int candidate(int i, int first, int second) {
        return i < SET ? first * SET + i : second * SET + i - SET;
    }

    final long at(int slot, int field) {
        return ((long) slot << shift) + field;
    }

    final long word(int slot) {
        return (long) LONG_HANDLE.getAcquire(memory, at(slot, controlField));
    }

    final boolean swap(int slot, long expected, long word) {
        return LONG_HANDLE.compareAndSet(memory, at(slot, controlField), expected, word);
    }

    final long portsOf(int slot) {
        return memory.get(LONG, at(slot, portsField));
    }

    final boolean holds(
            int slot,
            long clientHi,
            long clientLo,
            long virtualHi,
            long virtualLo,
            long address,
            long ports) {
        return (portsOf(slot) & KEY_PORTS) == ports
                && holds(slot, clientHi, clientLo, virtualHi, virtualLo, address);
    }

    final boolean holds(
            int slot, long clientHi, long clientLo, long virtualHi, long virtualLo, long address) {
        return ipv6
                ? memory.get(LONG, at(slot, 8)) == clientLo
                        && memory.get(LONG, at(slot, 0)) == clientHi
                        && memory.get(LONG, at(slot, 24)) == virtualLo
                        && memory.get(LONG, at(slot, 16)) == virtualHi
                : memory.get(LONG, at(slot, 0)) == address;
    }

    final long idle(int slot, int now) {
        long idle = now - memory.get(INT, at(slot, seenField)) & 0xffffffffL;
        // another writer's clock may be a moment ahead
        return idle > 0xf000_0000L ? 0 : idle;
    }

    /** The control word of an entry. */
    public final long control(int slot) {
        return word(slot);
    }

    /** Starts the entry's timeout anew. */
    public final void touch(int slot, int now) {
        memory.set(INT, at(slot, seenField), now);
    }

    /** When the entry was last seen, by the low 32 bits of the clock in ms. */
    final int seen(int slot) {
        return memory.get(INT, at(slot, seenField));
    }

    /** Number of connections of a template. */
    public final int controlled(int slot) {
        return (int) INT_HANDLE.getAcquire(memory, at(slot, linkField)) & LINK_COUNT;
    }

    /** Slot of a connection's template, or {@link #NONE}. */
    public final int template(int slot) {
        int link = memory.get(INT, at(slot, linkField));
        // a slot that was given away since the caller found it may hold any link
        return Control.has(word(slot), Control.CONTROLLED) && link > 0 && link <= slots
                ? link - 1
                : NONE;
    }

    public final int protocol(int slot) {
        return (int) (portsOf(slot) >>> 24) & 0xff;
    }

    public final int clientPort(int slot) {
        return (int) (portsOf(slot) >>> 48);
    }

    public final int virtualPort(int slot) {
        return (int) (portsOf(slot) >>> 32) & 0xffff;
    }

    public final int destinationPort(int slot) {
        return (int) portsOf(slot) & 0xffff;
    }

    public final long clientHi(int slot) {
        return ipv6 ? memory.get(LONG, at(slot, 0)) : 0;
    }

    public final long clientLo(int slot) {
        return ipv6 ? memory.get(LONG, at(slot, 8)) : memory.get(INT, at(slot, 4)) & 0xffffffffL;
    }

    public final long virtualHi(int slot) {
        return ipv6 ? memory.get(LONG, at(slot, 16)) : 0;
    }

    public final long virtualLo(int slot) {
        return ipv6 ? memory.get(LONG, at(slot, 24)) : memory.get(INT, at(slot, 0)) & 0xffffffffL;
    }

    /** Milliseconds until the entry expires, 0 if it has. */
    public final long expiresMs(int slot, int now) {
        return Math.max(0, Control.timeoutSeconds(word(slot)) * 1000L - idle(slot, now));
    }

    /** Whether a slot holds an entry that has not expired. */
    public final boolean isLive(int slot, int now) {
        long word = word(slot);
        return Control.phase(word) >= Control.LIVE
                && (idle(slot, now) < Control.timeoutSeconds(word) * 1000L
                        || Control.has(word, Control.TEMPLATE) && controlled(slot) != 0);
    }
}
