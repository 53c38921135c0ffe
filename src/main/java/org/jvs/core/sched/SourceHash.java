package org.jvs.core.sched;

import org.jvs.core.admin.ServiceSpec;

/**
 * sh: the client's address (with sh-port: plus its port), hashed, names the destination. 256 slots
 * are dealt to the destinations in turn, to each as many in a row as its weight. With sh-fallback a
 * client whose destination is unavailable walks the slots, from a place that depends on the client,
 * until one is available.
 */
final class SourceHash implements Scheduler {
    private static final int BITS = 8;
    private static final int MASK = (1 << BITS) - 1;

    private volatile SlotTable table = new SlotTable(EmptyList.INSTANCE, 1 << BITS);
    private volatile boolean fallback;
    private volatile boolean withPort;

    SourceHash(ServiceSpec service) {
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
        int hash = Hashes.hash32(key, BITS);
        int picked = now.available(hash, destinations);
        if (picked != NONE || !fallback) {
            return picked;
        }
        for (int offset = 0; offset <= MASK; offset++) {
            // the hash counts twice: once as the place to begin, once as the client's own slot
            int slot = (offset + hash & MASK) + hash & MASK;
            picked = now.available(slot, destinations);
            if (picked != NONE) {
                return picked;
            }
        }
        return NONE;
    }

    @Override
    public void changed(DestinationList destinations, Change change) {
        SlotTable built = new SlotTable(destinations, 1 << BITS);
        int size = destinations.size();
        int index = 0;
        int dealt = 0;
        for (int slot = 0; size > 0 && slot < built.size(); slot++) {
            built.set(slot, index);
            // a quiesced destination gets one slot, too
            if (++dealt >= destinations.weight(index)) {
                index = (index + 1) % size;
                dealt = 0;
            }
        }
        table = built;
    }
}
