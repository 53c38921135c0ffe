package org.jvs.core.table;

/**
 * The control word of a connection entry: everything about it that changes, in 64 bits, so that one
 * compare-and-swap changes it consistently whoever writes (the Java engine, the sweeper, the XDP
 * program on any CPU).
 *
 * <pre>
 *  bits  0.. 4  protocol state (the kernel's number)
 *  bits  5.. 6  phase: FREE, CLAIMED (being filled), LIVE, MOVING (being copied to its other set)
 *  bits  7..15  flags
 *  bits 16..35  index of the destination
 *  bits 36..47  generation, counted up each time the slot is claimed
 *  bits 48..63  timeout: seconds, or with bit 63 set units of 128 s (up to 48 days)
 * </pre>
 *
 * A writer that was stopped while its slot was given away exactly 4096 times, the last time to an
 * entry of the same state, flags, destination and timeout, would take that one for its own. In a
 * table of a million entries this takes hours of a flood, and a writer's stop takes milliseconds.
 */
public final class Control {
    public static final int FREE = 0;
    public static final int CLAIMED = 1;
    public static final int LIVE = 2;
    public static final int MOVING = 3;

    /** Counted with the destination's inactive connections, not with its active ones. */
    public static final long INACTIVE = 1L << 7;

    /** Replies do not pass the director; the kernel's IP_VS_CONN_F_NOOUTPUT. */
    public static final long NO_OUTPUT = 1L << 8;

    /** A template whose destination became unusable; never found again, listed with ports 65535. */
    public static final long INVALID = 1L << 9;

    /** A template of which a connection was established; the kernel's IP_VS_CTPL_S_ASSURED. */
    public static final long ASSURED = 1L << 10;

    /** The connection came from a template, which the link field names. */
    public static final long CONTROLLED = 1L << 11;

    /** A persistence template rather than a connection. */
    public static final long TEMPLATE = 1L << 12;

    /** With phase CLAIMED: filled, and shown to writers of the same key. */
    static final long PENDING = 1L << 13;

    /** Destinations that fit. */
    public static final int MAX_DESTINATIONS = 1 << 20;

    /** The longest timeout in seconds. */
    public static final int MAX_TIMEOUT_SECONDS = 0x7fff << 7;

    private static final long STATE_MASK = 31;
    private static final int PHASE_SHIFT = 5;
    private static final long PHASE_MASK = 3L << PHASE_SHIFT;
    private static final int DESTINATION_SHIFT = 16;
    private static final long DESTINATION_MASK = (MAX_DESTINATIONS - 1L) << DESTINATION_SHIFT;
    private static final int GENERATION_SHIFT = 36;
    private static final long GENERATION_MASK = 0xfffL << GENERATION_SHIFT;
    private static final int TIMEOUT_SHIFT = 48;
    private static final long TIMEOUT_MASK = -1L << TIMEOUT_SHIFT;

    /** From here on timeouts are kept in units of 128 s. */
    private static final int LONG_TIMEOUT = 1 << 15;

    private static final int LONG_UNIT_SHIFT = 7;

    private Control() {}

    /** A word for a new entry; phase and generation are the table's business. */
    public static long of(int state, long flags, int destination, int timeoutSeconds) {
        return withTimeout(state | flags | (long) destination << DESTINATION_SHIFT, timeoutSeconds);
    }

    public static int state(long word) {
        return (int) (word & STATE_MASK);
    }

    public static long withState(long word, int state) {
        return word & ~STATE_MASK | state;
    }

    public static int phase(long word) {
        return (int) (word & PHASE_MASK) >>> PHASE_SHIFT;
    }

    static long withPhase(long word, int phase) {
        return word & ~PHASE_MASK | (long) phase << PHASE_SHIFT;
    }

    public static boolean has(long word, long flag) {
        return (word & flag) != 0;
    }

    public static int destination(long word) {
        return (int) ((word & DESTINATION_MASK) >>> DESTINATION_SHIFT);
    }

    /** Whether two words of a slot are of the same entry. */
    public static boolean sameGeneration(long a, long b) {
        return ((a ^ b) & GENERATION_MASK) == 0;
    }

    /** The word with the generation of {@code other}, one further. */
    static long withNextGeneration(long word, long other) {
        long next = (other & GENERATION_MASK) + (1L << GENERATION_SHIFT) & GENERATION_MASK;
        return word & ~GENERATION_MASK | next;
    }

    /** What becomes of a pending entry's word. */
    static long live(long pending) {
        return withPhase(pending & ~PENDING, LIVE);
    }

    /** A free slot's word: only the generation is left. */
    static long freed(long word) {
        return word & GENERATION_MASK;
    }

    public static int timeoutSeconds(long word) {
        int kept = (int) (word >>> TIMEOUT_SHIFT);
        return kept < LONG_TIMEOUT ? kept : (kept - LONG_TIMEOUT) << LONG_UNIT_SHIFT;
    }

    /**
     * Sets the timeout. From 32,768 s (9 hours) on it is rounded up to a multiple of 128 s; above
     * {@link #MAX_TIMEOUT_SECONDS} it is cut.
     */
    public static long withTimeout(long word, int seconds) {
        int fitting = Math.min(seconds, MAX_TIMEOUT_SECONDS);
        long kept =
                fitting < LONG_TIMEOUT
                        ? fitting
                        : LONG_TIMEOUT + (fitting + (1 << LONG_UNIT_SHIFT) - 1 >>> LONG_UNIT_SHIFT);
        return word & ~TIMEOUT_MASK | kept << TIMEOUT_SHIFT;
    }
}
