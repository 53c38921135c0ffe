package org.jvs.core.sched;

/**
 * dh: the packet's destination address, hashed, names the destination: 256 slots dealt to the
 * destinations in turn, weights ignored. A slot whose destination is unavailable serves nobody.
 */
final class DestinationHash implements Scheduler {
    private static final int BITS = 8;

    private volatile SlotTable table = new SlotTable(EmptyList.INSTANCE, 1 << BITS);

    @Override
    public int pick(Flow flow, DestinationList destinations, long nowMs) {
        int address = Hashes.fold(flow.destinationHi(), flow.destinationLo());
        return table.available(Hashes.hash32(address, BITS), destinations);
    }

    @Override
    public void changed(DestinationList destinations, Change change) {
        SlotTable built = new SlotTable(destinations, 1 << BITS);
        int size = destinations.size();
        for (int slot = 0; size > 0 && slot < built.size(); slot++) {
            built.set(slot, slot % size);
        }
        table = built;
    }
}
