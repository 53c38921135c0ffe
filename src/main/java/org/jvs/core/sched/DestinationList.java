package org.jvs.core.sched;

/**
 * The destinations of one service as a scheduler sees them: a fixed list in the kernel's order
 * (newest first) whose weights and counts are read live. A change of membership makes a new list (a
 * new object: schedulers compare references); a change of weight does not. A destination keeps its
 * {@link #id} across lists, which is how a scheduler finds it again.
 */
public interface DestinationList {
    int size();

    /**
     * The destination's own number within its service. An address and port that is deleted and
     * added again while connections still refer to it (the kernel revives it from its trash) has
     * the same id again: the caches of lblc and lblcr rely on it.
     */
    int id(int index);

    /** 0 is quiesced. */
    int weight(int index);

    /** The last weight that was not 0 (0 if there never was one); what mh builds its table from. */
    int lastWeight(int index);

    /** Connections counted as active. */
    int active(int index);

    /** Connections counted as inactive. */
    int inactive(int index);

    /** Whether the upper threshold was reached and the lower one not yet undercut. */
    boolean overloaded(int index);

    /** The weight, or -1 where {@link #overloaded}: both in one read for long lists. */
    default int openWeight(int index) {
        return overloaded(index) ? -1 : weight(index);
    }

    /** {@link #inactive} in the high half and {@link #active} in the low one, in one read. */
    default long connections(int index) {
        return (long) inactive(index) << 32 | active(index) & 0xffffffffL;
    }

    boolean isIpv6(int index);

    long addressHi(int index);

    long addressLo(int index);

    /** Host order. */
    int port(int index);
}
