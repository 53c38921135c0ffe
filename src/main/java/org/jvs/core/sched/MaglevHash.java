package org.jvs.core.sched;

import java.util.BitSet;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Family;

/**
 * mh: Maglev's consistent hash of the client's address (with mh-port: plus its port). Every
 * destination walks the slots in an order of its own (offset and skip hashed from its address and
 * port) and claims the first free one when it is its turn, several in a row according to its
 * weight. All directors with the same destinations build the same table, and a destination that
 * goes moves few clients of the others. (Eisenbud and others, Maglev: A Fast and Reliable Software
 * Network Load Balancer, section 3.4.)
 *
 * <p>Setting a weight to 0 does not rebuild the table: turns go by the last weight that was not 0.
 */
final class MaglevHash implements Scheduler {
    /** Prime; the kernel's CONFIG_IP_VS_MH_TAB_INDEX 12. */
    static final int SLOTS = 4093;

    /** Turns above 2^6 are scaled down (half of CONFIG_IP_VS_MH_TAB_INDEX). */
    private static final int TURN_BITS = 6;

    private static final long OFFSET_KEY = 2654435761L;
    private static final long SKIP_KEY = 2654446892L;

    private final boolean ipv6;
    private volatile SlotTable table = new SlotTable(EmptyList.INSTANCE, SLOTS);
    private volatile boolean fallback;
    private volatile boolean withPort;

    MaglevHash(ServiceSpec service) {
        ipv6 = service.key().family() == Family.IPV6;
        serviceEdited(service);
    }

    @Override
    public void serviceEdited(ServiceSpec service) {
        fallback = service.has(ServiceSpec.SCHED1);
        withPort = service.has(ServiceSpec.SCHED2);
    }

    @Override
    public int pick(Flow flow, DestinationList destinations, long nowMs) {
        SlotTable now = table;
        int key =
                Hashes.fold(flow.sourceHi(), flow.sourceLo())
                        + (withPort ? Hashes.sourcePort(flow) : 0);
        int hash = slot(key);
        int index = now.get(hash, destinations);
        if (index == SlotTable.EMPTY) {
            return NONE;
        }
        if (index >= 0 && Destinations.isAvailable(destinations, index)) {
            return index;
        }
        return fallback ? walk(now, destinations, key, hash) : NONE;
    }

    /** Hashes anew with one after another offset, beginning at the unavailable slot's number. */
    private static int walk(SlotTable table, DestinationList destinations, int key, int hash) {
        for (int i = 0; i < SLOTS; i++) {
            int offset = i + hash < SLOTS ? i + hash : i + hash - SLOTS;
            int picked = table.available(slot(key + offset), destinations);
            if (picked != NONE) {
                return picked;
            }
        }
        return NONE;
    }

    private static int slot(int key) {
        return Integer.remainderUnsigned(Hashes.sipHash13(key, OFFSET_KEY), SLOTS);
    }

    @Override
    public void changed(DestinationList destinations, Change change) {
        // the kernel refuses to build a table with more destinations than slots and keeps the old
        table =
                destinations.size() > SLOTS
                        ? table.movedTo(destinations)
                        : build(destinations, ipv6);
    }

    private static SlotTable build(DestinationList destinations, boolean ipv6) {
        SlotTable built = new SlotTable(destinations, SLOTS);
        int size = destinations.size();
        int divisor = 0;
        int highest = 0;
        for (int i = 0; i < size; i++) {
            int weight = destinations.lastWeight(i);
            divisor = WeightedRoundRobin.greatestCommonDivisor(divisor, weight);
            highest = Math.max(highest, weight);
        }
        if (divisor == 0) {
            return built;
        }
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(highest / divisor);
        int shift = Math.max(bits - TURN_BITS, 0);
        int[] at = new int[size];
        int[] skip = new int[size];
        int[] turns = new int[size];
        for (int i = 0; i < size; i++) {
            int key = address(destinations, i, ipv6) + destinations.port(i);
            at[i] = slot(key);
            skip[i] = Integer.remainderUnsigned(Hashes.sipHash13(key, SKIP_KEY), SLOTS - 1) + 1;
            int weight = destinations.lastWeight(i);
            turns[i] = weight == 0 ? 0 : Math.max(weight / divisor >> shift, 1);
        }
        deal(built, at, skip, turns);
        return built;
    }

    /** Lets the destinations claim slots in turn until all are taken. */
    private static void deal(SlotTable built, int[] at, int[] skip, int[] turns) {
        BitSet taken = new BitSet(SLOTS);
        int left = SLOTS;
        for (int i = 0; ; i = i + 1 < at.length ? i + 1 : 0) {
            for (int turn = 0; turn < turns[i]; turn++) {
                int slot = at[i];
                while (taken.get(slot)) {
                    slot += skip[i];
                    if (slot >= SLOTS) {
                        slot -= SLOTS;
                    }
                }
                at[i] = slot;
                taken.set(slot);
                built.set(slot, i);
                if (--left == 0) {
                    return;
                }
            }
        }
    }

    /** An IPv4 service sees only the first four bytes of an IPv6 destination's address. */
    private static int address(DestinationList destinations, int index, boolean ipv6) {
        if (!ipv6 && destinations.isIpv6(index)) {
            return (int) (destinations.addressHi(index) >>> 32);
        }
        return Hashes.fold(destinations.addressHi(index), destinations.addressLo(index));
    }
}
