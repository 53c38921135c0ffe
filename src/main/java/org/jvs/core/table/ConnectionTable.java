package org.jvs.core.table;

import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.VarHandle;

/**
 * The connection table of one address family: a fixed number of slots in memory that an XDP program
 * can share.
 *
 * <p><b>One entry serves both directions.</b> The place of an entry follows from the client's
 * address, port and protocol. A request is found by its source, a reply by its destination: both
 * lead to the same sets. A request is compared with the virtual address and port, a reply with the
 * destination's address (in the destination's own line, which is hot) and port.
 *
 * <p><b>Two sets of two.</b> An entry is in one of two sets that its hash names. A set is one cache
 * line for IPv4 (two entries of 32 bytes) and two lines for IPv6 (two entries of 64 bytes), so an
 * IPv4 look-up touches at most two lines. A new entry goes to the emptier set; if both are full,
 * one of the four entries is moved to its own other set, if need be after moving an entry there;
 * only then must an entry of little value give way. At half load moving always finds room, in
 * practice (a million entries in two million slots: no loss).
 *
 * <p>The layout of an entry is in {@link EntryMemory}.
 *
 * <p><b>Writers take no locks.</b> A slot is claimed by compare-and-swap of its control word,
 * filled, shown to other writers as pending, and made live by a second compare-and-swap; a reader
 * takes the word before and after the key, and believes the key if phase and generation did not
 * change between. A writer looks for its key between showing and making live: it withdraws before a
 * live entry, and of two pending ones the higher slot is freed; since that races with being made
 * live on one word, no key is ever live twice. Where both sets are full the writer looks for its
 * key first, and lets those finish that are filling or moving an entry there, before anything gives
 * way; after {@link #PATIENCE} rounds it refuses, so that a stopped writer stops nobody else.
 *
 * <p>An entry is removed by the one compare-and-swap that frees its word, and whoever wins it
 * settles the destination's counts; so counts never drift. A template takes connections only while
 * its link is open, from when it is live until just before it is removed; so no connection counts
 * with a slot that is something else by now.
 *
 * <p><b>No timers.</b> An entry has expired when it was not seen for its timeout. Readers treat it
 * as absent, writers may take its slot at once, {@link #sweep} removes what nobody asked for. A
 * template that still has connections lives on in steps of 60 s, as in the kernel.
 */
public final class ConnectionTable extends EntrySlots {
    /** An equal entry is pending, and shall have the key. */
    private static final int GIVE_WAY = -2;

    private static final int READ_ATTEMPTS = 3;

    /** From this round on a writer does not give way to an equal one in a lower slot any more. */
    private static final int INSISTENCE = 64;

    /** Rounds after which a newcomer is refused. */
    private static final int PATIENCE = 256;

    /** A table of this process alone. */
    public ConnectionTable(
            SegmentAllocator allocator,
            boolean ipv6,
            int slots,
            long seed,
            Destinations destinations) {
        this(allocator, ipv6, slots, seed, 1, destinations);
    }

    /**
     * @param slots a power of two, at least 4
     * @param seed secret that keeps attackers from choosing who collides with whom
     * @param lanes for what is counted: one for this process and one for each other writer
     */
    public ConnectionTable(
            SegmentAllocator allocator,
            boolean ipv6,
            int slots,
            long seed,
            int lanes,
            Destinations destinations) {
        super(allocator, ipv6, slots, seed, lanes, destinations);
    }

    /** New entries for which no older one could give way. */
    public long refusals() {
        return counted(REFUSALS);
    }

    /**
     * Reads the cache lines where a client's entries may be, so that they are there when {@link
     * #find} or {@link #findReply} comes. Reads for several packets in a row overlap.
     *
     * @return something made of what was read, to be used lest the compiler leave it out
     */
    public long touchLines(long clientHi, long clientLo, int clientPort, int protocol) {
        long hash = hash(clientHi, clientLo, ports(clientPort, 0, protocol, CONNECTION));
        int first = firstSet(hash) * SET;
        int second = secondSet(hash) * SET;
        long read =
                memory.get(LONG, at(first, controlField))
                        + memory.get(LONG, at(second, controlField));
        if (ipv6) {
            read +=
                    memory.get(LONG, at(first + 1, controlField))
                            + memory.get(LONG, at(second + 1, controlField));
        }
        return read;
    }

    /**
     * Finds the entry of a request, or a template.
     *
     * @param now the clock in ms, of which the low 32 bits count
     * @param found receives what was found
     * @return its slot or {@link #NONE}
     */
    public int find(
            long clientHi,
            long clientLo,
            int clientPort,
            long virtualHi,
            long virtualLo,
            int virtualPort,
            int protocol,
            int kind,
            int now,
            Found found) {
        long ports = ports(clientPort, virtualPort, protocol, kind);
        long hash = hash(clientHi, clientLo, ports);
        int first = firstSet(hash);
        int second = secondSet(hash);
        long address = virtualLo << 32 >>> 32 | clientLo << 32;
        for (int attempt = 0; ; attempt++) {
            long movesBefore = moves();
            int slot =
                    findIn(
                            first, second, clientHi, clientLo, virtualHi, virtualLo, address, ports,
                            found);
            if (slot >= 0) {
                return isExpired(slot, found.word, now) && isGone(found, now) ? NONE : slot;
            }
            if (movesBefore == moves() || attempt == READ_ATTEMPTS) {
                return NONE;
            }
        }
    }

    // One loop over both sets, not one for each: the compiler would inline the body twice, and
    // then run out of patience for the rest of the packet's way.
    private int findIn(
            int first,
            int second,
            long clientHi,
            long clientLo,
            long virtualHi,
            long virtualLo,
            long address,
            long ports,
            Found found) {
        for (int i = 0; i < 2 * SET; i++) {
            int slot = candidate(i, first, second);
            if (capture(slot, clientHi, clientLo, virtualHi, virtualLo, address, ports, found)) {
                return slot;
            }
        }
        return NONE;
    }

    /** Takes an entry down if it has the key; true if so. */
    private boolean capture(
            int slot,
            long clientHi,
            long clientLo,
            long virtualHi,
            long virtualLo,
            long address,
            long ports,
            Found found) {
        long before = word(slot);
        if (Control.phase(before) < Control.LIVE || Control.has(before, Control.INVALID)) {
            return false;
        }
        long all = portsOf(slot);
        if ((all & KEY_PORTS) != ports
                || !holds(slot, clientHi, clientLo, virtualHi, virtualLo, address)
                || !unchanged(slot, before)) {
            return false;
        }
        found.slot = slot;
        found.word = before;
        found.ports = all;
        found.own = false;
        return true;
    }

    /** Removes what was found and has expired, unless somebody else has. */
    private boolean isGone(Found found, int now) {
        return ageOut(found.slot, now) || !isStill(found);
    }

    private boolean unchanged(int slot, long before) {
        VarHandle.acquireFence();
        long after = word(slot);
        return Control.phase(after) >= Control.LIVE && Control.sameGeneration(before, after);
    }

    /**
     * Finds the connection that a packet from a destination to a client belongs to.
     *
     * @param serverHi address the packet comes from
     * @param found receives what was found
     * @return its slot or {@link #NONE}
     */
    public int findReply(
            long clientHi,
            long clientLo,
            int clientPort,
            boolean serverIpv6,
            long serverHi,
            long serverLo,
            int serverPort,
            int protocol,
            int now,
            Found found) {
        long ports = ports(clientPort, 0, protocol, CONNECTION);
        long hash = hash(clientHi, clientLo, ports);
        int first = firstSet(hash);
        int second = secondSet(hash);
        for (int attempt = 0; ; attempt++) {
            long movesBefore = moves();
            int slot =
                    findReplyIn(
                            first,
                            second,
                            clientHi,
                            clientLo,
                            ports,
                            serverIpv6,
                            serverHi,
                            serverLo,
                            serverPort,
                            found);
            if (slot >= 0) {
                return isExpired(slot, found.word, now) && isGone(found, now) ? NONE : slot;
            }
            if (movesBefore == moves() || attempt == READ_ATTEMPTS) {
                return NONE;
            }
        }
    }

    private int findReplyIn(
            int first,
            int second,
            long clientHi,
            long clientLo,
            long ports,
            boolean serverIpv6,
            long serverHi,
            long serverLo,
            int serverPort,
            Found found) {
        for (int i = 0; i < 2 * SET; i++) {
            int slot = candidate(i, first, second);
            long before = word(slot);
            if (Control.phase(before) < Control.LIVE) {
                continue;
            }
            // all but the virtual port
            long all = portsOf(slot);
            if ((all & 0xffff_0000_ffff_ffffL) != (ports | serverPort)) {
                continue;
            }
            boolean sameClient =
                    ipv6
                            ? memory.get(LONG, at(slot, 8)) == clientLo
                                    && memory.get(LONG, at(slot, 0)) == clientHi
                            : (memory.get(INT, at(slot, 4)) & 0xffffffffL) == clientLo;
            if (!sameClient) {
                continue;
            }
            int destination = Control.destination(before);
            long virtualHi = virtualHi(slot);
            long virtualLo = virtualLo(slot);
            if (destinations.addressLo(destination) == serverLo
                    && destinations.addressHi(destination) == serverHi
                    && destinations.isIpv6(destination) == serverIpv6
                    && unchanged(slot, before)) {
                found.slot = slot;
                found.word = before;
                found.ports = all;
                found.virtualHi = virtualHi;
                found.virtualLo = virtualLo;
                return slot;
            }
        }
        return NONE;
    }

    /**
     * Takes down all of an entry, for a listing.
     *
     * @return false if there is none, or another one now
     */
    public boolean read(int slot, int now, Found found) {
        long before = word(slot);
        if (Control.phase(before) < Control.LIVE) {
            return false;
        }
        found.slot = slot;
        found.word = before;
        found.ports = portsOf(slot);
        found.clientHi = clientHi(slot);
        found.clientLo = clientLo(slot);
        found.virtualHi = virtualHi(slot);
        found.virtualLo = virtualLo(slot);
        found.expiresMs = expiresMs(slot, now);
        return unchanged(slot, before);
    }

    /**
     * Puts in a new entry and counts it with its destination.
     *
     * @param control what {@link Control#of} gave
     * @param from the template with {@link Control#CONTROLLED}; else one that found nothing
     * @param inserted receives the entry: not always the own one, nor of the same destination
     * @return its slot; that of an equal entry which another writer put in at the same time; or
     *     {@link #NONE} if no older entry could give way
     */
    public int insert(
            long clientHi,
            long clientLo,
            int clientPort,
            long virtualHi,
            long virtualLo,
            int virtualPort,
            int protocol,
            int destinationPort,
            long control,
            Found from,
            int now,
            Found inserted) {
        boolean template = Control.has(control, Control.TEMPLATE);
        long ports = ports(clientPort, virtualPort, protocol, template ? TEMPLATE : CONNECTION);
        long hash = hash(clientHi, clientLo, ports);
        int first = firstSet(hash);
        int second = secondSet(hash);
        long address = virtualLo << 32 >>> 32 | clientLo << 32;
        long wanted = Control.withPhase(control, Control.CLAIMED);
        int wantedLink = template ? TEMPLATE_LINK | LINK_CLOSED : from.slot + 1;
        if (!template && wantedLink != 0 && !pin(from.slot, from.word)) {
            // its template went in this very moment
            wanted &= ~Control.CONTROLLED;
            wantedLink = 0;
        }
        for (int round = 0; round < PATIENCE; round++) {
            int slot = claimIn(first, second, wanted, now);
            if (slot < 0) {
                int equal =
                        rival(
                                NONE, 0, first, second, clientHi, clientLo, virtualHi, virtualLo,
                                address, ports, round);
                if (equal >= 0
                        && capture(
                                equal, clientHi, clientLo, virtualHi, virtualLo, address, ports,
                                inserted)) {
                    unpin(wanted, wantedLink);
                    return equal;
                }
                if (equal == NONE && !makeRoom(first, second, now)) {
                    break;
                }
                Thread.onSpinWait();
                continue;
            }
            if (ipv6) {
                memory.set(LONG, at(slot, 0), clientHi);
                memory.set(LONG, at(slot, 8), clientLo);
                memory.set(LONG, at(slot, 16), virtualHi);
                memory.set(LONG, at(slot, 24), virtualLo);
            } else {
                memory.set(LONG, at(slot, 0), address);
            }
            memory.set(LONG, at(slot, portsField), ports | destinationPort);
            memory.set(INT, at(slot, seenField), now);
            memory.set(INT, at(slot, linkField), wantedLink);
            destinations.bind(Control.destination(wanted), wanted);
            long pending = word(slot) | Control.PENDING;
            LONG_HANDLE.setRelease(memory, at(slot, controlField), pending);
            // of two equal writers at least one must see the other
            VarHandle.fullFence();
            int other =
                    rival(
                            slot, pending, first, second, clientHi, clientLo, virtualHi, virtualLo,
                            address, ports, round);
            if (other == NONE && swap(slot, pending, Control.live(pending))) {
                count(ENTRIES, 1);
                if (template) {
                    open(slot);
                }
                inserted.slot = slot;
                inserted.word = Control.live(pending);
                inserted.ports = ports | destinationPort;
                inserted.own = true;
                return slot;
            }
            // frees the slot unless an equal writer has done so
            swap(slot, pending, Control.freed(pending));
            destinations.unbind(Control.destination(wanted), wanted);
            if (other >= 0
                    && capture(
                            other, clientHi, clientLo, virtualHi, virtualLo, address, ports,
                            inserted)) {
                unpin(wanted, wantedLink);
                return other;
            }
            Thread.onSpinWait();
        }
        unpin(wanted, wantedLink);
        count(REFUSALS, 1);
        return NONE;
    }

    /**
     * Looks for other entries of a key, and takes the key from pending ones.
     *
     * @param slot the own entry, shown as {@code pending}; {@link #NONE} if there is none yet
     * @return the slot of a live one; {@link #NONE} if there is no other; {@link #GIVE_WAY} if the
     *     other is pending too and shall have the key
     */
    private int rival(
            int slot,
            long pending,
            int first,
            int second,
            long clientHi,
            long clientLo,
            long virtualHi,
            long virtualLo,
            long address,
            long ports,
            int round) {
        while (true) {
            long movesBefore = moves();
            boolean again = false;
            for (int i = 0; i < 2 * SET; i++) {
                int other = candidate(i, first, second);
                if (other == slot) {
                    continue;
                }
                long word = word(other);
                boolean isPending = Control.has(word, Control.PENDING);
                if (!isPending && Control.phase(word) < Control.LIVE
                        || Control.has(word, Control.INVALID)
                        || !holds(
                                other, clientHi, clientLo, virtualHi, virtualLo, address, ports)) {
                    continue;
                }
                VarHandle.acquireFence();
                if (!isPending) {
                    if (unchanged(other, word)) {
                        return other;
                    }
                    again = true;
                } else if (slot != NONE && (other > slot || round >= INSISTENCE)) {
                    again |= !swap(other, word, Control.freed(word));
                } else if (word(other) == word) {
                    return GIVE_WAY;
                } else {
                    again = true;
                }
            }
            if (!again && movesBefore == moves()) {
                return NONE;
            }
            if (slot != NONE && word(slot) != pending) {
                return GIVE_WAY;
            }
        }
    }

    /**
     * Replaces the control word if it is still {@code before}, and moves the connection between its
     * destination's counts if it became active or inactive.
     *
     * @return false if somebody else changed it first, or the entry is being moved
     */
    public boolean update(int slot, long before, long after) {
        if (Control.phase(before) != Control.LIVE || !swap(slot, before, after)) {
            return false;
        }
        if (((before ^ after) & Control.INACTIVE) != 0) {
            destinations.recount(Control.destination(before), before, after);
        }
        return true;
    }

    /**
     * Removes expired entries among {@code count} slots from {@code from} on.
     *
     * @return the slot to go on with next time
     */
    public int sweep(int from, int count, int now) {
        int slot = from;
        for (int i = 0; i < Math.min(count, slots); i++) {
            if (Control.phase(word(slot)) == Control.LIVE) {
                ageOut(slot, now);
            }
            slot = slot + 1 & slots - 1;
        }
        return slot;
    }

    /** Removes the connections, then the templates, whose destination was removed. */
    public void removeOrphans() {
        removeOrphans(CONNECTION);
        removeOrphans(TEMPLATE);
    }

    private void removeOrphans(int kind) {
        for (int slot = 0; slot < slots; slot++) {
            long word = word(slot);
            if (Control.phase(word) == Control.LIVE
                    && Control.has(word, Control.TEMPLATE) == (kind == TEMPLATE)
                    && !destinations.isAvailable(Control.destination(word))
                    && (kind == CONNECTION || controlled(slot) == 0)) {
                remove(slot, word);
            }
        }
    }
}
