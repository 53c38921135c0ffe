package org.jvs.core.sched;

import java.util.Arrays;

/**
 * A hash table's slots, each naming a destination or nobody. Immutable once published, together
 * with the list it was built for; a reader that holds another list finds destinations by id.
 */
final class SlotTable {
    /** A slot that names nobody. */
    static final int EMPTY = -1;

    /** A slot whose destination is not in the reader's list. */
    static final int GONE = -2;

    private static final char NOBODY = 0xffff;

    private final DestinationList list;
    private final int[] ids;
    private final char[] slots;

    /** A table with all slots empty. Indices of destinations must be below 65535. */
    SlotTable(DestinationList list, int size) {
        this.list = list;
        this.ids = Destinations.ids(list);
        this.slots = new char[size];
        Arrays.fill(slots, NOBODY);
    }

    /** Only while the table is built. */
    void set(int slot, int index) {
        slots[slot] = (char) index;
    }

    int size() {
        return slots.length;
    }

    /** The index within the reader's list, or {@link #EMPTY}, or {@link #GONE}. */
    @SuppressWarnings("ReferenceEquality") // the same snapshot, not an equal one
    int get(int slot, DestinationList destinations) {
        char index = slots[slot];
        if (index == NOBODY) {
            return EMPTY;
        }
        if (destinations == list) {
            return index;
        }
        int found = Destinations.indexOf(destinations, ids[index], index);
        return found < 0 ? GONE : found;
    }

    /** The same slots for another list: destinations are found by id, those gone leave gaps. */
    SlotTable movedTo(DestinationList other) {
        SlotTable moved = new SlotTable(other, slots.length);
        int[] places = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            places[i] = Destinations.indexOf(other, ids[i], i);
        }
        for (int slot = 0; slot < slots.length; slot++) {
            if (slots[slot] != NOBODY && places[slots[slot]] >= 0) {
                moved.set(slot, places[slots[slot]]);
            }
        }
        return moved;
    }

    /** The destination a slot names if it can take a connection, else {@link Scheduler#NONE}. */
    int available(int slot, DestinationList destinations) {
        int index = get(slot, destinations);
        return index >= 0 && Destinations.isAvailable(destinations, index) ? index : Scheduler.NONE;
    }
}
