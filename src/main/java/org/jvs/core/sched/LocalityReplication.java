package org.jvs.core.sched;

import java.util.Arrays;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Family;

/**
 * lblcr: as lblc, but an address has a set of destinations. The least loaded of the set serves;
 * when that one is outweighed, the least loaded of all serves and joins the set. A set of several
 * that has not changed for the expiration time loses its most loaded member.
 *
 * <p>A member that was deleted stays in its set (it may be added again) and counts in its size;
 * here it is never the most loaded one, since its weight and connections are out of sight.
 */
final class LocalityReplication extends AddressCache implements Scheduler {
    /** Members of all sets together. */
    private static final int MEMBERS = 2 * CAPACITY;

    private static final int NO_MEMBER = -1;

    /** The first member, the latest to join; by entry. */
    private int[] firsts = {};

    private int[] sizes = {};
    private long[] lastChangedMs = {};

    private int[] ids = {};

    /** Where the destination was in the list, to find it without a search. */
    private int[] hints = {};

    private int[] nexts = {};
    private int freeMember;
    private final SchedulerSettings settings;

    LocalityReplication(ServiceSpec service, SchedulerSettings settings) {
        super(service.key().family() == Family.IPV6, settings::lblcrExpirationMs);
        this.settings = settings;
    }

    @Override
    void make() {
        super.make();
        firsts = new int[CAPACITY];
        sizes = new int[CAPACITY];
        lastChangedMs = new long[CAPACITY];
        ids = new int[MEMBERS];
        hints = new int[MEMBERS];
        nexts = new int[MEMBERS];
        Arrays.setAll(nexts, i -> i + 1 < MEMBERS ? i + 1 : NO_MEMBER);
    }

    @Override
    public int pick(Flow flow, DestinationList destinations, long nowMs) {
        tick(nowMs);
        long hi = flow.destinationHi();
        long lo = flow.destinationLo();
        int entry = find(hi, lo, nowMs);
        if (entry != NO_ENTRY) {
            int least = leastLoadedMember(entry, destinations);
            if (sizes[entry] > 1 && nowMs - lastChangedMs[entry] > settings.lblcrExpirationMs()) {
                dropMostLoaded(entry, destinations, nowMs);
            }
            if (least != NONE && !Destinations.isOutweighed(destinations, least)) {
                return least;
            }
        }
        int picked = Destinations.leastLoaded(destinations);
        if (picked == NONE) {
            return NONE;
        }
        if (entry == NO_ENTRY) {
            entry = add(hi, lo, nowMs);
            if (entry == NO_ENTRY) {
                return picked;
            }
            firsts[entry] = NO_MEMBER;
            sizes[entry] = 0;
            lastChangedMs[entry] = nowMs;
        }
        join(entry, destinations.id(picked), picked, nowMs);
        return picked;
    }

    private int leastLoadedMember(int entry, DestinationList destinations) {
        int least = NONE;
        long leastOverhead = 0;
        long leastWeight = 0;
        for (int member = firsts[entry]; member != NO_MEMBER; member = nexts[member]) {
            int index = Destinations.indexOf(destinations, ids[member], hints[member]);
            if (index == NONE || !Destinations.isAvailable(destinations, index)) {
                continue;
            }
            hints[member] = index;
            long overhead = Destinations.overhead(destinations, index);
            long weight = destinations.weight(index);
            if (least == NONE || leastOverhead * weight > overhead * leastWeight) {
                least = index;
                leastOverhead = overhead;
                leastWeight = weight;
            }
        }
        return least;
    }

    /** Drops the member with the greatest overhead for its weight; of equals the first. */
    private void dropMostLoaded(int entry, DestinationList destinations, long nowMs) {
        int most = NO_MEMBER;
        int beforeMost = NO_MEMBER;
        long mostOverhead = 0;
        long mostWeight = 0;
        int before = NO_MEMBER;
        for (int member = firsts[entry]; member != NO_MEMBER; member = nexts[member]) {
            int index = Destinations.indexOf(destinations, ids[member], hints[member]);
            if (index != NONE && destinations.weight(index) > 0) {
                long overhead = Destinations.overhead(destinations, index);
                long weight = destinations.weight(index);
                if (most == NO_MEMBER || mostOverhead * weight < overhead * mostWeight) {
                    most = member;
                    beforeMost = before;
                    mostOverhead = overhead;
                    mostWeight = weight;
                }
            }
            before = member;
        }
        if (most == NO_MEMBER) {
            return;
        }
        if (beforeMost == NO_MEMBER) {
            firsts[entry] = nexts[most];
        } else {
            nexts[beforeMost] = nexts[most];
        }
        nexts[most] = freeMember;
        freeMember = most;
        sizes[entry]--;
        lastChangedMs[entry] = nowMs;
    }

    /** Adds a destination to a set that does not have it yet, if there is room. */
    private void join(int entry, int id, int index, long nowMs) {
        for (int member = firsts[entry]; member != NO_MEMBER; member = nexts[member]) {
            if (ids[member] == id) {
                return;
            }
        }
        int member = freeMember;
        if (member == NO_MEMBER) {
            return;
        }
        freeMember = nexts[member];
        ids[member] = id;
        hints[member] = index;
        nexts[member] = firsts[entry];
        firsts[entry] = member;
        sizes[entry]++;
        lastChangedMs[entry] = nowMs;
    }

    @Override
    void released(int entry) {
        int member = firsts[entry];
        while (member != NO_MEMBER) {
            int following = nexts[member];
            nexts[member] = freeMember;
            freeMember = member;
            member = following;
        }
        firsts[entry] = NO_MEMBER;
        sizes[entry] = 0;
    }
}
