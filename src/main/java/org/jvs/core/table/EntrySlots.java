package org.jvs.core.table;

import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.VarHandle;
import org.jvs.core.net.Protocol;
import org.jvs.core.state.TcpState;

/**
 * The life of a slot: claimed for a new entry, moved to its other set, aged out, evicted, removed.
 * What an entry is looked up by is {@link ConnectionTable}'s business.
 */
abstract class EntrySlots extends EntryMemory {
    private static final int TEMPLATE_EXTENSION_SECONDS = 60;

    final Destinations destinations;

    EntrySlots(
            SegmentAllocator allocator,
            boolean ipv6,
            int slots,
            long seed,
            int lanes,
            Destinations destinations) {
        super(allocator, ipv6, slots, seed, lanes);
        this.destinations = destinations;
    }

    /** Entries at present, expired ones that nobody has met yet included. */
    public final long size() {
        return Math.max(0, counted(ENTRIES));
    }

    /** Entries that had to give way to newer ones. */
    public final long evictions() {
        return counted(EVICTIONS);
    }

    /** Lets a template take connections: now that it is live. */
    final void open(int slot) {
        INT_HANDLE.setRelease(memory, at(slot, linkField), TEMPLATE_LINK);
    }

    /** Counts a connection with its template, so that the template stays; false if it is gone. */
    final boolean pin(int slot, long word) {
        while (true) {
            int link = (int) INT_HANDLE.getAcquire(memory, at(slot, linkField));
            if ((link & TEMPLATE_LINK) == 0 || (link & LINK_CLOSED) != 0) {
                return false;
            }
            if (INT_HANDLE.compareAndSet(memory, at(slot, linkField), link, link + 1)) {
                // what is pinned stays, so that now it can be seen who it is
                if (isStill(slot, word)) {
                    return true;
                }
                unpin(slot);
                return false;
            }
        }
    }

    /** Ends what {@link #pin} began. */
    final void unpin(long word, int link) {
        if (Control.has(word, Control.CONTROLLED)) {
            unpin(link - 1);
        }
    }

    private void unpin(int slot) {
        int _ = (int) INT_HANDLE.getAndAdd(memory, at(slot, linkField), -1);
    }

    /** Whether a slot holds the entry that a control word is of. */
    final boolean isStill(int slot, long word) {
        long present = word(slot);
        return Control.phase(present) >= Control.LIVE && Control.sameGeneration(present, word);
    }

    /** Whether an entry is still where it was found. */
    public final boolean isStill(Found found) {
        return isStill(found.slot, found.word);
    }

    /** Starts an entry's timeout anew, if it is still there. */
    public final void touch(Found found, int now) {
        if (isStill(found)) {
            touch(found.slot, now);
        }
    }

    /** Whether an entry had expired, by the word that it was found with. */
    final boolean isExpired(int slot, long word, int now) {
        return idle(slot, now) >= Control.timeoutSeconds(word) * 1000L;
    }

    // What is left of a writer that was killed, for TableCheck.

    /** The link field of a template, as it is. */
    final int link(int slot) {
        return (int) INT_HANDLE.getAcquire(memory, at(slot, linkField));
    }

    /** Corrects the number of a template's connections. */
    final void adjustControlled(int slot, int amount) {
        int _ = (int) INT_HANDLE.getAndAdd(memory, at(slot, linkField), amount);
    }

    /** Lets a template take connections whose writer died before it did, or while removing it. */
    final void reopen(int slot) {
        int link = link(slot);
        boolean _ =
                INT_HANDLE.compareAndSet(
                        memory, at(slot, linkField), link, link & ~LINK_CLOSED | TEMPLATE_LINK);
    }

    /** Frees a slot without counting. */
    final boolean discard(int slot, long word) {
        return swap(slot, word, Control.freed(word));
    }

    /** Another slot with a live entry of the same key, where that may be; or {@link #NONE}. */
    final int twin(int slot) {
        long hash = hash(clientHi(slot), clientLo(slot), portsOf(slot));
        int first = firstSet(hash);
        int second = secondSet(hash);
        for (int i = 0; i < 2 * SET; i++) {
            int other = candidate(i, first, second);
            long word = word(other);
            if (other != slot
                    && Control.phase(word) == Control.LIVE
                    && !Control.has(word, Control.INVALID)
                    && ((portsOf(other) ^ portsOf(slot)) & KEY_PORTS) == 0
                    && clientLo(other) == clientLo(slot)
                    && clientHi(other) == clientHi(slot)
                    && virtualLo(other) == virtualLo(slot)
                    && virtualHi(other) == virtualHi(slot)) {
                return other;
            }
        }
        return NONE;
    }

    /** Whether an entry lies where a look-up would look. */
    final boolean isInPlace(int slot) {
        long hash = hash(clientHi(slot), clientLo(slot), portsOf(slot));
        return slot / SET == firstSet(hash) || slot / SET == secondSet(hash);
    }

    /** Claims a free slot, in the emptier of two sets; {@link #NONE} if both are full. */
    final int claimIn(int first, int second, long claim, int now) {
        int firstFree = countFree(first, now);
        int secondFree = countFree(second, now);
        if (firstFree + secondFree == 0) {
            return NONE;
        }
        int slot = claimFree(firstFree >= secondFree ? first : second, claim);
        return slot >= 0 ? slot : claimFree(firstFree >= secondFree ? second : first, claim);
    }

    /**
     * Makes room in two full sets, unless others are about to.
     *
     * @return false if no entry there may give way; otherwise trying again makes sense
     */
    final boolean makeRoom(int first, int second, int now) {
        if (makeRoomIn(first, 2, now) || makeRoomIn(second, 2, now)) {
            return true;
        }
        for (int i = 0; i < 2 * SET; i++) {
            if (Control.phase(word(candidate(i, first, second))) != Control.LIVE) {
                return true;
            }
        }
        return evict(first, second, now);
    }

    /** Free slots of a set; expired entries are removed on the way. */
    private int countFree(int set, int now) {
        int free = 0;
        for (int slot = set * SET; slot < set * SET + SET; slot++) {
            int phase = Control.phase(word(slot));
            if (phase == Control.FREE || phase == Control.LIVE && ageOut(slot, now)) {
                free++;
            }
        }
        return free;
    }

    private int claimFree(int set, long claim) {
        for (int slot = set * SET; slot < set * SET + SET; slot++) {
            long word = word(slot);
            if (Control.phase(word) == Control.FREE
                    && swap(slot, word, Control.withNextGeneration(claim, word))) {
                // what is written next must not be seen before the claim
                VarHandle.storeStoreFence();
                return slot;
            }
        }
        return NONE;
    }

    /**
     * Moves one entry of a full set to its other set, there making room in turn up to {@code depth}
     * times.
     */
    private boolean makeRoomIn(int set, int depth, int now) {
        for (int slot = set * SET; slot < set * SET + SET; slot++) {
            if (countFree(otherSet(slot, set), now) != 0 && move(slot, set)) {
                return true;
            }
        }
        if (depth > 0) {
            for (int slot = set * SET; slot < set * SET + SET; slot++) {
                int other = otherSet(slot, set);
                if (other != set && makeRoomIn(other, depth - 1, now) && move(slot, set)) {
                    return true;
                }
            }
        }
        return false;
    }

    private int otherSet(int slot, int set) {
        long clientHi = ipv6 ? memory.get(LONG, at(slot, 0)) : 0;
        long clientLo =
                ipv6 ? memory.get(LONG, at(slot, 8)) : memory.get(INT, at(slot, 4)) & 0xffffffffL;
        long hash = hash(clientHi, clientLo, portsOf(slot));
        int first = firstSet(hash);
        return first == set ? secondSet(hash) : first;
    }

    /**
     * Copies a connection to its other set and frees its slot. Templates stay where connections'
     * links expect them.
     */
    private boolean move(int slot, int set) {
        long word = word(slot);
        if (Control.phase(word) != Control.LIVE || Control.has(word, Control.TEMPLATE)) {
            return false;
        }
        long moving = Control.withPhase(word, Control.MOVING);
        if (!swap(slot, word, moving)) {
            return false;
        }
        int target = claimFree(otherSet(slot, set), Control.withPhase(word, Control.CLAIMED));
        if (target < 0) {
            LONG_HANDLE.setRelease(memory, at(slot, controlField), word);
            return false;
        }
        for (int field = 0; field < 1 << shift; field += 8) {
            if (field != controlField) {
                memory.set(LONG, at(target, field), memory.get(LONG, at(slot, field)));
            }
        }
        LONG_HANDLE.setRelease(
                memory, at(target, controlField), Control.withPhase(word(target), Control.LIVE));
        long _ = (long) LONG_HANDLE.getAndAdd(memory, countsAt, 1L);
        LONG_HANDLE.setRelease(memory, at(slot, controlField), Control.freed(moving));
        return true;
    }

    /**
     * Removes the entry of least value from two full sets. What was never established goes first,
     * then what is closing, then what was not seen for longest. An established TCP connection never
     * gives way to a newcomer, nor does a template that has connections.
     */
    private boolean evict(int first, int second, int now) {
        int victim = NONE;
        long victimWord = 0;
        long victimValue = Long.MAX_VALUE;
        for (int i = 0; i < 2 * SET; i++) {
            int slot = candidate(i, first, second);
            long word = word(slot);
            long value = value(slot, word, now);
            if (value < victimValue) {
                victimValue = value;
                victimWord = word;
                victim = slot;
            }
        }
        if (victim < 0) {
            return false;
        }
        // otherwise it changed, perhaps to something of more value
        if (removeAs(victim, victimWord)) {
            count(EVICTIONS, 1);
        }
        return true;
    }

    /**
     * Worth of an entry: its rank above how lately it was seen; {@code Long.MAX_VALUE} where it
     * must stay.
     */
    private long value(int slot, long word, int now) {
        if (Control.phase(word) != Control.LIVE) {
            return Long.MAX_VALUE;
        }
        long rank;
        if (Control.has(word, Control.TEMPLATE)) {
            if (controlled(slot) != 0) {
                return Long.MAX_VALUE;
            }
            rank = 3;
        } else if (protocol(slot) == Protocol.TCP) {
            int state = Control.state(word);
            if (state == TcpState.ESTABLISHED) {
                return Long.MAX_VALUE;
            }
            rank = TcpState.isHalfOpen(state) ? 1 : 2;
        } else {
            rank = 3;
        }
        long idle = idle(slot, now);
        return (rank << 33) - idle;
    }

    /** Removes the entry if it has expired; true if it is gone. */
    final boolean ageOut(int slot, int now) {
        long word = word(slot);
        if (Control.phase(word) != Control.LIVE) {
            return false;
        }
        if (idle(slot, now) < Control.timeoutSeconds(word) * 1000L) {
            return false;
        }
        if (Control.has(word, Control.TEMPLATE) && controlled(slot) != 0) {
            if (swap(slot, word, Control.withTimeout(word, TEMPLATE_EXTENSION_SECONDS))) {
                touch(slot, now);
            }
            return false;
        }
        return removeAs(slot, word);
    }

    /**
     * Removes an entry whatever its age, but for a template that has connections; true if this call
     * removed it.
     */
    public boolean remove(int slot) {
        return remove(slot, word(slot));
    }

    /** Removes an entry as {@link #remove(int)} does, unless its slot is another one's by now. */
    public boolean remove(Found found) {
        return remove(found.slot, found.word);
    }

    final boolean remove(int slot, long found) {
        while (true) {
            long word = word(slot);
            if (Control.phase(word) != Control.LIVE || !Control.sameGeneration(word, found)) {
                return false;
            }
            if (removeAs(slot, word)) {
                return true;
            }
            if (Control.has(word, Control.TEMPLATE) && controlled(slot) != 0) {
                return false;
            }
        }
    }

    private boolean removeAs(int slot, long word) {
        boolean template = Control.has(word, Control.TEMPLATE);
        if (template
                && !INT_HANDLE.compareAndSet(
                        memory, at(slot, linkField), TEMPLATE_LINK, TEMPLATE_LINK | LINK_CLOSED)) {
            return false;
        }
        int link = memory.get(INT, at(slot, linkField));
        if (!swap(slot, word, Control.freed(word))) {
            if (template) {
                // nobody else could have removed it, or what is there by now
                open(slot);
            }
            return false;
        }
        count(ENTRIES, -1);
        destinations.unbind(Control.destination(word), word);
        unpin(word, link);
        return true;
    }
}
