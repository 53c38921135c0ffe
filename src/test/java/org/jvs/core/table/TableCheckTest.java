package org.jvs.core.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.jvs.core.state.TcpState;
import org.jvs.core.table.TableCheck.Fault;
import org.jvs.core.table.TableCheck.Kind;

/** The checker finds what is wrong, nothing else, and puts it right. */
class TableCheckTest {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final int CONTROL = 16;
    private static final int LINK = 28;

    private final Arena arena = Arena.ofShared();
    private final TableProbe probe = new TableProbe(arena, 64, 3);
    private final ConnectionTable table = probe.table;
    private final MemorySegment memory = table.memory();
    private final TableCheck check = new TableCheck(probe.destinations, null, List.of(probe.table));
    private final int template = probe.insertTemplate(7, 1, 60, 0);
    private final int connection =
            probe.insert(
                    70,
                    TableProbe.word(TcpState.ESTABLISHED, 1, 60) | Control.CONTROLLED,
                    template + 1,
                    0);
    private final int other = probe.insert(80, TableProbe.word(TcpState.SYN_RECV, 2, 60), 0, 100);

    private void word(int slot, long word) {
        memory.set(LONG, (long) slot * 32 + CONTROL, word);
    }

    private void phase(int slot, int phase) {
        word(slot, Control.withPhase(table.control(slot), phase));
    }

    private void link(int slot, int link) {
        memory.set(INT, (long) slot * 32 + LINK, link);
    }

    private void copy(int from, int to) {
        MemorySegment.copy(memory, from * 32L, memory, to * 32L, 32);
    }

    private int emptySlot(boolean inPlace) {
        long hash = table.hash(0, 80, table.portsOf(other));
        for (int slot = 0; slot < table.slots(); slot++) {
            boolean there = slot / 2 == table.firstSet(hash) || slot / 2 == table.secondSet(hash);
            if (Control.phase(table.control(slot)) == Control.FREE && there == inPlace) {
                return slot;
            }
        }
        throw new AssertionError();
    }

    /** What a writer leaves that is killed, or a mistake makes. */
    private void spoil(Kind kind) {
        switch (kind) {
            case ACTIVE -> probe.destinations.correct(1, 1, 0, 0);
            case INACTIVE -> probe.destinations.correct(2, 0, -3, 0);
            case TEMPLATES -> probe.destinations.correct(0, 0, 0, -1);
            case ENTRIES -> table.count(EntryMemory.ENTRIES, 5);
            case STUCK -> phase(emptySlot(true), Control.CLAIMED);
            case DOUBLE -> copy(other, emptySlot(true));
            case MISPLACED -> copy(other, emptySlot(false));
            case NO_DESTINATION ->
                    word(other, Control.withPhase(Control.of(1, 0, 3, 60), Control.LIVE));
            case NO_TEMPLATE -> link(connection, other + 1);
            case CLOSED -> link(template, table.link(template) | EntryMemory.LINK_CLOSED);
            case CONTROLLED -> table.adjustControlled(template, 2);
            case CONNECTIONS -> {}
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CONNECTIONS")
    void whatIsWrongIsFoundAndPutRight(Kind kind) {
        assertThat(check.check()).isEmpty();
        spoil(kind);
        assertThat(check.check()).extracting(Fault::kind).contains(kind);
        assertThat(check.check().getFirst().toString()).contains(" ");
        assertThat(check.repair(2, () -> {})).extracting(Fault::kind).contains(kind);
        assertThat(check.check()).isEmpty();
        assertThat(probe.find(70, 0)).isNotNegative();
        probe.clear();
    }

    /** Everything at once. */
    @Test
    void manyFaultsArePutRightTogether() {
        spoil(Kind.CLOSED);
        spoil(Kind.ACTIVE);
        spoil(Kind.STUCK);
        spoil(Kind.MISPLACED);
        spoil(Kind.ENTRIES);
        assertThat(check.repair(1, () -> {})).hasSizeGreaterThanOrEqualTo(5);
        assertThat(check.check()).isEmpty();
        probe.clear();
    }

    /** Killed before the copy was live, or after it. */
    @ParameterizedTest
    @ValueSource(ints = {Control.CLAIMED, Control.LIVE})
    void anInterruptedMoveLeavesOneEntry(int copied) {
        int target = emptySlot(true);
        copy(other, target);
        phase(target, copied);
        phase(other, Control.MOVING);
        check.repair(2, () -> {});
        assertThat(check.check()).isEmpty();
        assertThat(probe.find(80, 0)).isEqualTo(copied == Control.LIVE ? target : other);
        assertThat(probe.destinations.active(2)).isEqualTo(1);
        probe.clear();
    }

    /** An overload that should have ended ends with the count that was wrong. */
    @Test
    void thresholdsFollowTheCounts() {
        probe.destinations.setThresholds(1, 2, 0);
        probe.destinations.correct(1, -1, 0, 0);
        assertThat(probe.destinations.isOverloaded(1)).isTrue();
        check.repair(1, () -> {});
        assertThat(probe.destinations.active(1)).isEqualTo(1);
        assertThat(probe.destinations.isOverloaded(1)).isFalse();
    }

    private static void pause() {
        LockSupport.parkNanos(10_000_000);
    }

    /** Beside four writers nothing is reported that is not wrong, and what is wrong is. */
    @Test
    void whatIsUnderWayIsNoFault() throws Exception {
        TableProbe busy = new TableProbe(arena, 1 << 12, 5);
        AtomicBoolean over = new AtomicBoolean();
        TableCheck running = new TableCheck(busy.destinations, null, List.of(busy.table));
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Future<?>[] writers = new Future<?>[4];
            for (int w = 0; w < writers.length; w++) {
                SplittableRandom random = new SplittableRandom(w);
                writers[w] =
                        threads.submit(() -> {
                            while (!over.get()) {
                                int client = random.nextInt(2000);
                                int slot = busy.find(client, 0);
                                if (slot >= 0) {
                                    busy.table.remove(slot);
                                } else {
                                    long word = TableProbe.word(TcpState.SYN_RECV, client % 4, 60);
                                    busy.insert(client, word, 0, 0);
                                }
                            }
                        });
            }
            // the line of nobody is off, and a slot was left
            busy.destinations.correct(4, 0, -2, 0);
            Map<Kind, Integer> seen = new EnumMap<>(Kind.class);
            for (int i = 0; i < 10; i++) {
                for (Fault fault : running.check(4, TableCheckTest::pause)) {
                    seen.merge(fault.kind(), 1, Integer::sum);
                }
            }
            assertThat(seen.keySet()).isEqualTo(EnumSet.of(Kind.INACTIVE));
            running.repair(4, TableCheckTest::pause);
            over.set(true);
            for (Future<?> each : writers) {
                each.get();
            }
        }
        busy.check();
        busy.clear();
    }
}
