package org.jvs.core.sched;

/** Questions about destinations that several schedulers ask. */
final class Destinations {
    private Destinations() {}

    /** Whether it takes new connections: neither quiesced nor above its threshold. */
    static boolean isAvailable(DestinationList destinations, int index) {
        return destinations.openWeight(index) > 0;
    }

    /**
     * The load that lc, wlc, lblc, lblcr and twos compare: an active connection counts as 256
     * inactive ones. Wraps at 32 bits as the kernel's does.
     */
    static int overhead(DestinationList destinations, int index) {
        long connections = destinations.connections(index);
        return ((int) connections << 8) + (int) (connections >>> 32);
    }

    /**
     * The available destination with the least overhead for its weight; of equals the first.
     * Fractions are compared by cross multiplication: {@code a/v > b/w} as {@code a*w > b*v}. A
     * weight of 0 makes the left side 0, so quiesced candidates need no test of their own.
     *
     * @return its index or {@link Scheduler#NONE}
     */
    static int leastLoaded(DestinationList destinations) {
        int size = destinations.size();
        int least = firstAvailable(destinations, size);
        if (least == Scheduler.NONE) {
            return least;
        }
        long leastOverhead = overhead(destinations, least);
        long leastWeight = destinations.weight(least);
        for (int i = least + 1; i < size; i++) {
            long weight = destinations.openWeight(i);
            if (weight < 0) {
                continue;
            }
            long overhead = overhead(destinations, i);
            if (leastOverhead * weight > overhead * leastWeight) {
                least = i;
                leastOverhead = overhead;
                leastWeight = weight;
            }
        }
        return least;
    }

    /** The first available destination or {@link Scheduler#NONE}. */
    static int firstAvailable(DestinationList destinations, int size) {
        for (int i = 0; i < size; i++) {
            if (isAvailable(destinations, i)) {
                return i;
            }
        }
        return Scheduler.NONE;
    }

    /**
     * The rule of lblc and lblcr for leaving a destination that the cache names: it has more active
     * connections than its weight while another has fewer than half of its own.
     */
    static boolean isOutweighed(DestinationList destinations, int index) {
        if (destinations.active(index) <= destinations.weight(index)) {
            return false;
        }
        int size = destinations.size();
        for (int i = 0; i < size; i++) {
            if (destinations.active(i) * 2 < destinations.weight(i)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Where a destination is in this list.
     *
     * @param hint where it was last seen, usually right
     * @return {@link Scheduler#NONE} if it is not in this list
     */
    static int indexOf(DestinationList destinations, int id, int hint) {
        int size = destinations.size();
        if (hint >= 0 && hint < size && destinations.id(hint) == id) {
            return hint;
        }
        for (int i = 0; i < size; i++) {
            if (destinations.id(i) == id) {
                return i;
            }
        }
        return Scheduler.NONE;
    }

    /** The ids in list order. */
    static int[] ids(DestinationList destinations) {
        int[] ids = new int[destinations.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = destinations.id(i);
        }
        return ids;
    }
}
