package org.jvs.core.table;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Proves the counts of destinations and templates against the connection tables, and finds what a
 * killed writer left: slots that nobody will finish, doubles, links to nothing.
 *
 * <p>While nobody works on the tables one walk tells. While somebody does, what is under way looks
 * like a fault in one walk but not in the next ones: {@link #check} reports only what all of
 * several walks found alike, and judges a destination exactly only if none of its counts changed
 * during a walk. Of a busy one it demands that table and count differ by no more than the number of
 * connections that came and went meanwhile.
 *
 * <p>{@link #repair} may run beside an XDP program: all it does is compare-and-swap and atomic
 * addition.
 */
public final class TableCheck {
    /** What can be wrong. */
    public enum Kind {
        ACTIVE("active connections counted too many"),
        INACTIVE("inactive connections counted too many"),
        TEMPLATES("templates counted too many"),
        CONNECTIONS("connections off by more than came and went"),
        ENTRIES("entries counted too many in the whole table"),
        STUCK("a slot that its writer has left"),
        DOUBLE("a second entry of the same key"),
        MISPLACED("an entry where nobody looks"),
        NO_DESTINATION("an entry of a destination that cannot be"),
        NO_TEMPLATE("a connection of a template that is gone"),
        CLOSED("a template that takes no connections"),
        CONTROLLED("connections of the template counted too many");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /**
     * Something that is wrong.
     *
     * @param at slot; of the counts of a destination its line
     * @param detail how many too many, or the slot's control word
     * @param of the count that is wrong; a fault with another count is another fault, so that one
     *     which stays through several walks is of something that rests
     */
    public record Fault(Kind kind, boolean ipv6, int at, long detail, long of) {
        @Override
        public String toString() {
            String where = kind.compareTo(Kind.ENTRIES) < 0 ? "destination " : "slot ";
            return (kind.compareTo(Kind.ENTRIES) < 0 ? "" : ipv6 ? "IPv6 " : "IPv4 ")
                    + where
                    + at
                    + ": "
                    + kind.text
                    + " ("
                    + (isOfSlot(kind) ? "0x" + Long.toHexString(detail) : detail + " of " + of)
                    + ")";
        }
    }

    /** What destinations' lines said at one moment. */
    private record Counts(int[] active, int[] inactive, int[] templates, long[] connections) {
        static Counts of(int lines) {
            return new Counts(new int[lines], new int[lines], new int[lines], new long[lines]);
        }
    }

    private static final int ROUNDS = 4;

    private final Destinations destinations;
    private final @Nullable Counters counters;
    private final List<ConnectionTable> tables;

    /**
     * @param counters where new connections are counted, by which busy destinations are judged;
     *     null if they are not
     * @param tables all whose entries refer to these destinations
     */
    public TableCheck(
            Destinations destinations, @Nullable Counters counters, List<ConnectionTable> tables) {
        this.destinations = destinations;
        this.counters = counters;
        this.tables = List.copyOf(tables);
    }

    /** The faults that one walk finds: exact if nobody works on the tables. */
    public List<Fault> check() {
        return new ArrayList<>(walk());
    }

    /**
     * The faults that each of several walks finds.
     *
     * @param walks three or more while somebody works on the tables
     * @param pause lets time pass between two walks, longer than any writer is interrupted for
     */
    public List<Fault> check(int walks, Runnable pause) {
        Set<Fault> faults = walk();
        for (int i = 1; i < walks && !faults.isEmpty(); i++) {
            pause.run();
            faults.retainAll(walk());
        }
        return new ArrayList<>(faults);
    }

    private Set<Fault> walk() {
        Set<Fault> faults = new LinkedHashSet<>();
        Counts before = read();
        Counts walked = Counts.of(destinations.capacity());
        for (ConnectionTable table : tables) {
            long sizeBefore = table.size();
            long found = walk(table, walked, faults);
            long size = table.size();
            if (size == sizeBefore && size != found) {
                faults.add(new Fault(Kind.ENTRIES, table.isIpv6(), 0, size - found, size));
            }
        }
        Counts after = read();
        for (int line = 0; line < destinations.capacity(); line++) {
            judge(line, before, walked, after, faults);
        }
        return faults;
    }

    private Counts read() {
        Counts counts = Counts.of(destinations.capacity());
        for (int line = 0; line < destinations.capacity(); line++) {
            counts.active[line] = destinations.active(line);
            counts.inactive[line] = destinations.inactive(line);
            counts.templates[line] = destinations.templates(line);
            if (counters != null) {
                counts.connections[line] =
                        counters.read(destinations.counters(line), Counters.CONNECTIONS);
            }
        }
        return counts;
    }

    private void judge(int line, Counts before, Counts walked, Counts after, Set<Fault> faults) {
        long came = after.connections[line] - before.connections[line];
        boolean quiet =
                came == 0
                        && before.active[line] == after.active[line]
                        && before.inactive[line] == after.inactive[line]
                        && before.templates[line] == after.templates[line];
        if (quiet) {
            excess(Kind.ACTIVE, line, after.active, walked.active, faults);
            excess(Kind.INACTIVE, line, after.inactive, walked.inactive, faults);
            excess(Kind.TEMPLATES, line, after.templates, walked.templates, faults);
        } else if (counters != null) {
            long first = (long) before.active[line] + before.inactive[line];
            long last = (long) after.active[line] + after.inactive[line];
            long went = Math.max(0, first + came - last);
            long off = Math.abs((long) walked.active[line] + walked.inactive[line] - first);
            // what each writer has in hand is counted here and not yet there
            if (off > came + went + 2L * counters.lanes()) {
                faults.add(new Fault(Kind.CONNECTIONS, false, line, 0, 0));
            }
        }
    }

    private static void excess(
            Kind kind, int line, int[] counted, int[] walked, Set<Fault> faults) {
        if (counted[line] != walked[line]) {
            long excess = (long) counted[line] - walked[line];
            faults.add(new Fault(kind, false, line, excess, counted[line]));
        }
    }

    /** Returns the number of entries. */
    private long walk(ConnectionTable table, Counts walked, Set<Fault> faults) {
        int[] controlled = new int[table.slots()];
        long entries = 0;
        for (int slot = 0; slot < table.slots(); slot++) {
            long word = table.control(slot);
            int phase = Control.phase(word);
            if (phase == Control.FREE) {
                continue;
            }
            if (phase != Control.LIVE) {
                faults.add(new Fault(Kind.STUCK, table.isIpv6(), slot, word, 0));
                continue;
            }
            entries++;
            look(table, slot, word, controlled, faults);
            count(word, walked);
        }
        for (int slot = 0; slot < table.slots(); slot++) {
            long word = table.control(slot);
            if (Control.phase(word) == Control.LIVE && Control.has(word, Control.TEMPLATE)) {
                int link = table.link(slot);
                if ((link & EntryMemory.TEMPLATE_LINK) == 0
                        || (link & EntryMemory.LINK_CLOSED) != 0) {
                    faults.add(new Fault(Kind.CLOSED, table.isIpv6(), slot, 0, 0));
                }
                int excess = table.controlled(slot) - controlled[slot];
                if (excess != 0) {
                    faults.add(
                            new Fault(
                                    Kind.CONTROLLED,
                                    table.isIpv6(),
                                    slot,
                                    excess,
                                    table.controlled(slot)));
                }
            }
        }
        return entries;
    }

    private void look(
            ConnectionTable table, int slot, long word, int[] controlled, Set<Fault> faults) {
        if (Control.destination(word) >= destinations.capacity()) {
            faults.add(new Fault(Kind.NO_DESTINATION, table.isIpv6(), slot, word, 0));
        }
        if (!table.isInPlace(slot)) {
            faults.add(new Fault(Kind.MISPLACED, table.isIpv6(), slot, word, 0));
        }
        int twin = Control.has(word, Control.INVALID) ? EntryMemory.NONE : table.twin(slot);
        if (twin > slot) {
            faults.add(new Fault(Kind.DOUBLE, table.isIpv6(), slot, twin, 0));
        }
        if (Control.has(word, Control.CONTROLLED)) {
            int template = table.template(slot);
            if (template != EntryMemory.NONE
                    && Control.phase(table.control(template)) == Control.LIVE
                    && Control.has(table.control(template), Control.TEMPLATE)) {
                controlled[template]++;
            } else {
                faults.add(new Fault(Kind.NO_TEMPLATE, table.isIpv6(), slot, word, 0));
            }
        }
    }

    private void count(long word, Counts walked) {
        int line = Control.destination(word);
        if (line >= destinations.capacity()) {
            return;
        }
        if (Control.has(word, Control.TEMPLATE)) {
            walked.templates[line]++;
        } else if (Control.has(word, Control.INACTIVE)) {
            walked.inactive[line]++;
        } else {
            walked.active[line]++;
        }
    }

    /**
     * Puts right what {@link #check(int, Runnable)} finds: first the slots, then the counts, which
     * follow from them.
     *
     * @return what was put right
     */
    public List<Fault> repair(int walks, Runnable pause) {
        List<Fault> repaired = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            List<Fault> faults = check(walks, pause);
            boolean slots = faults.stream().anyMatch(fault -> isOfSlot(fault.kind));
            for (Fault fault : faults) {
                if (isOfSlot(fault.kind) == slots && repair(fault)) {
                    repaired.add(fault);
                }
            }
            if (faults.isEmpty()) {
                break;
            }
        }
        return repaired;
    }

    private static boolean isOfSlot(Kind kind) {
        return kind.compareTo(Kind.STUCK) >= 0 && kind != Kind.CLOSED && kind != Kind.CONTROLLED;
    }

    private boolean repair(Fault fault) {
        int excess = (int) fault.detail;
        switch (fault.kind) {
            case ACTIVE -> destinations.correct(fault.at, excess, 0, 0);
            case INACTIVE -> destinations.correct(fault.at, 0, excess, 0);
            case TEMPLATES -> destinations.correct(fault.at, 0, 0, excess);
            case CONNECTIONS -> {
                // by how many shows when it is quiet
                return false;
            }
            case ENTRIES -> table(fault).count(EntryMemory.ENTRIES, -fault.detail);
            case STUCK -> {
                return finish(table(fault), fault.at, fault.detail);
            }
            case DOUBLE -> {
                return discardOlder(table(fault), fault.at, (int) fault.detail);
            }
            case MISPLACED, NO_DESTINATION -> {
                return table(fault).discard(fault.at, fault.detail);
            }
            case NO_TEMPLATE -> {
                return table(fault)
                        .swap(fault.at, fault.detail, fault.detail & ~Control.CONTROLLED);
            }
            case CLOSED -> table(fault).reopen(fault.at);
            case CONTROLLED -> table(fault).adjustControlled(fault.at, -excess);
        }
        return true;
    }

    /** An entry that was being moved is there once: at its old place, unless it had arrived. */
    private static boolean finish(ConnectionTable table, int slot, long word) {
        if (Control.phase(word) == Control.MOVING && table.twin(slot) == EntryMemory.NONE) {
            return table.swap(slot, word, Control.withPhase(word, Control.LIVE));
        }
        return table.discard(slot, word);
    }

    private static boolean discardOlder(ConnectionTable table, int slot, int twin) {
        int older = table.seen(slot) - table.seen(twin) < 0 ? slot : twin;
        long word = table.control(older);
        return Control.phase(word) == Control.LIVE && table.discard(older, word);
    }

    private ConnectionTable table(Fault fault) {
        for (ConnectionTable table : tables) {
            if (table.isIpv6() == fault.ipv6) {
                return table;
            }
        }
        throw new IllegalStateException("no table for " + fault);
    }
}
