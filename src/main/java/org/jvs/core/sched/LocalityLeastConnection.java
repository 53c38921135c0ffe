package org.jvs.core.sched;

import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Family;

/**
 * lblc: connections to one address stay with one destination (for clusters of transparent proxies),
 * chosen as wlc does, until it is gone, quiesced, or outweighed: more active connections than its
 * weight while another has fewer than half of its own. An upper threshold alone does not drive the
 * address away: the kernel tests that only when it chooses anew.
 */
final class LocalityLeastConnection extends AddressCache implements Scheduler {
    private final int[] ids = new int[CAPACITY];

    /** Where the destination was in the list, to find it without a search. */
    private final int[] hints = new int[CAPACITY];

    LocalityLeastConnection(ServiceSpec service, SchedulerSettings settings) {
        super(service.key().family() == Family.IPV6, settings::lblcExpirationMs);
    }

    @Override
    void released(int entry) {}

    @Override
    public int pick(Flow flow, DestinationList destinations, long nowMs) {
        tick(nowMs);
        long hi = flow.destinationHi();
        long lo = flow.destinationLo();
        int entry = find(hi, lo, nowMs);
        if (entry != NO_ENTRY) {
            int index = Destinations.indexOf(destinations, ids[entry], hints[entry]);
            if (index != NONE
                    && destinations.weight(index) > 0
                    && !Destinations.isOutweighed(destinations, index)) {
                hints[entry] = index;
                return index;
            }
        }
        int picked = Destinations.leastLoaded(destinations);
        if (picked == NONE) {
            return NONE;
        }
        if (entry == NO_ENTRY) {
            entry = add(hi, lo, nowMs);
        }
        if (entry != NO_ENTRY) {
            ids[entry] = destinations.id(picked);
            hints[entry] = picked;
        }
        return picked;
    }
}
