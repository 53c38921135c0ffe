package org.jvs.core.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvs.core.state.TcpState;

/** Several writers on the same entries at once: nothing is lost, doubled or miscounted. */
class ConnectionTableRaceTest {
    private static final int MILLIS = 1000;

    /** Two packets of each new connection are seen by two threads that choose differently. */
    @ParameterizedTest
    @CsvSource({"4, false", "64, false", "64, true", "65536, false"})
    void equalInsertsLeaveOneEntry(int slots, boolean ipv6) throws Exception {
        // few enough that all find room in their sets
        int batch = Math.max(1, Math.min(slots / 8, 1024));
        try (Arena arena = Arena.ofShared()) {
            TableProbe probe = new TableProbe(arena, ipv6, slots, 2);
            AtomicIntegerArray got = new AtomicIntegerArray(2 * batch);
            Race.run(
                    MILLIS,
                    batch,
                    _ -> {},
                    first -> {
                        for (int i = 0; i < batch; i++) {
                            assertThat(got.get(i)).isNotNegative();
                            assertThat(probe.find(first + i, 0)).isNotNegative();
                        }
                        assertThat(probe.destinations.active(0) + probe.destinations.active(1))
                                .isEqualTo(batch);
                        probe.clear();
                    },
                    item -> got.set(item % batch, insertAtLast(probe, item, 0)),
                    item -> got.set(batch + item % batch, insertAtLast(probe, item, 1)));
        }
    }

    /**
     * A refusal while both sets are full of what others have not finished is for the moment only.
     */
    private static int insertAtLast(TableProbe probe, int client, int line) {
        int slot = insert(probe, client, line);
        for (int tries = 0; slot == ConnectionTable.NONE && tries < 10_000; tries++) {
            Thread.onSpinWait();
            slot = insert(probe, client, line);
        }
        return slot;
    }

    private static int insert(TableProbe probe, int client, int line) {
        return probe.insert(client, TableProbe.word(TcpState.SYN_RECV, line, 60), 0, 0);
    }

    /** The same while a third writer forces entries to move. */
    @Test
    void equalInsertsLeaveOneEntryWhileOthersMove() throws Exception {
        try (Arena arena = Arena.ofShared()) {
            TableProbe probe = new TableProbe(arena, 16, 4);
            Race.run(
                    2 * MILLIS,
                    4,
                    first -> {
                        for (int slot = 0; slot < 16; slot++) {
                            if ((slot * 7 + first / 4) % 3 == 0) {
                                probe.table.remove(slot);
                            }
                        }
                    },
                    _ -> probe.check(),
                    item -> insert(probe, item % 6, 0),
                    item -> insert(probe, item % 6, 1),
                    item ->
                            probe.insert(
                                    1_000_000 + item % 24,
                                    TableProbe.word(TcpState.ESTABLISHED, 2, 60),
                                    0,
                                    0));
            assertThat(probe.table.moves()).isPositive();
            probe.clear();
        }
    }

    /** Who became established is not evicted, even if it was half open a moment ago. */
    @Test
    void newcomersNeverEvictWhatJustBecameEstablished() throws Exception {
        try (Arena arena = Arena.ofShared()) {
            TableProbe probe = new TableProbe(arena, 4, 1);
            int[] slots = new int[4];
            long[] words = new long[4];
            AtomicIntegerArray established = new AtomicIntegerArray(4);
            Race.run(
                    MILLIS,
                    1,
                    item -> {
                        probe.clear();
                        for (int i = 0; i < 4; i++) {
                            slots[i] = insert(probe, item * 8 + i, 0);
                            words[i] = probe.table.control(slots[i]);
                            established.set(i, 0);
                        }
                    },
                    item -> {
                        for (int i = 0; i < 4; i++) {
                            if (established.get(i) == 1) {
                                assertThat(probe.find(item * 8 + i, 0)).isNotNegative();
                            }
                        }
                        probe.check();
                    },
                    _ -> {
                        for (int i = 0; i < 4; i++) {
                            // the word of the first moment: the slot may be the newcomer's by now
                            long after = Control.withState(words[i], TcpState.ESTABLISHED);
                            if (probe.table.update(slots[i], words[i], after)) {
                                established.set(i, 1);
                            }
                        }
                    },
                    item -> insert(probe, item * 8 + 5, 0));
        }
    }

    /** A template that expires while a connection joins it: joined and kept, or not joined. */
    @Test
    void templatesDoNotVanishUnderTheirConnections() throws Exception {
        int batch = 16;
        try (Arena arena = Arena.ofShared()) {
            TableProbe probe = new TableProbe(arena, 256, 1);
            AtomicIntegerArray templates = new AtomicIntegerArray(batch);
            AtomicInteger joined = new AtomicInteger();
            int items =
                    Race.run(
                            MILLIS,
                            batch,
                            first -> {
                                probe.clear();
                                for (int i = 0; i < batch; i++) {
                                    templates.set(i, probe.insertTemplate(first + i, 0, 1, 0));
                                }
                            },
                            first -> {
                                probe.check();
                                for (int i = 0; i < batch; i++) {
                                    int slot = probe.find(first + i, 0);
                                    if (probe.table.template(slot) != ConnectionTable.NONE) {
                                        joined.incrementAndGet();
                                    }
                                }
                            },
                            item -> {
                                long word = TableProbe.word(TcpState.SYN_RECV, 0, 60);
                                int link = templates.get(item % batch) + 1;
                                probe.insert(item, word | Control.CONTROLLED, link, 0);
                            },
                            item -> probe.table.sweep(templates.get(item % batch), 1, 1500));
            assertThat(joined.get()).isBetween(1, items);
        }
    }

    @Test
    void onlyOneRemovesAnEntry() throws Exception {
        int batch = 16;
        try (Arena arena = Arena.ofShared()) {
            TableProbe probe = new TableProbe(arena, 4096, 1);
            AtomicIntegerArray slots = new AtomicIntegerArray(batch);
            AtomicInteger removals = new AtomicInteger();
            Race.Actor remove =
                    item -> {
                        if (probe.table.remove(slots.get(item % batch))) {
                            removals.incrementAndGet();
                        }
                    };
            Race.run(
                    MILLIS,
                    batch,
                    first -> {
                        for (int i = 0; i < batch; i++) {
                            slots.set(i, insert(probe, first + i, 0));
                        }
                        removals.set(0);
                    },
                    _ -> {
                        assertThat(removals.get()).isEqualTo(batch);
                        assertThat(probe.table.size()).isZero();
                        probe.check();
                    },
                    remove,
                    remove,
                    item -> {
                        int slot = slots.get(item % batch);
                        long word = probe.table.control(slot);
                        probe.table.update(slot, word, word | Control.INACTIVE);
                    });
        }
    }

    /** A reader finds an entry that stays, however often it is moved about. */
    @Test
    void moversNeverHideAnEntry() throws Exception {
        try (Arena arena = Arena.ofShared()) {
            TableProbe probe = new TableProbe(arena, 16, 1);
            for (int client = 0; client < 4; client++) {
                insertEstablished(probe, client);
            }
            AtomicInteger lost = new AtomicInteger();
            SplittableRandom random = new SplittableRandom(1);
            Race.run(
                    2 * MILLIS,
                    1000,
                    _ -> {},
                    _ -> {
                        assertThat(lost.get()).isZero();
                        probe.check();
                    },
                    item -> {
                        if (probe.find(item & 3, 0) < 0) {
                            lost.incrementAndGet();
                        }
                    },
                    _ -> {
                        for (int i = 0; i < 3; i++) {
                            int client = 100 + random.nextInt(12);
                            int slot = probe.find(client, 0);
                            if (slot >= 0) {
                                probe.table.remove(slot);
                            } else {
                                insertEstablished(probe, client);
                            }
                        }
                    });
            assertThat(probe.table.moves()).as("entries moved").isGreaterThan(100);
        }
    }

    private static void insertEstablished(TableProbe probe, int client) {
        probe.insert(client, TableProbe.word(TcpState.ESTABLISHED, 0, 60), 0, 0);
    }

    /** Everything at once, on few keys in a table that is now full and now empty. */
    @ParameterizedTest
    @CsvSource({"16, 40, false", "256, 200, false", "256, 200, true", "4096, 20000, false"})
    void nothingDriftsInARandomCrowd(int slots, int keys, boolean ipv6) throws Exception {
        int writers = 4;
        try (Arena arena = Arena.ofShared();
                ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            TableProbe probe = new TableProbe(arena, ipv6, slots, 4);
            AtomicInteger clock = new AtomicInteger();
            for (int phase = 0; phase < 5; phase++) {
                List<Future<?>> running = new ArrayList<>();
                for (int w = 0; w < writers; w++) {
                    SplittableRandom random = new SplittableRandom(phase * 100 + w);
                    running.add(threads.submit(() -> crowd(probe, keys, clock, random)));
                }
                for (Future<?> each : running) {
                    each.get();
                }
                probe.check();
            }
            probe.clear();
        }
    }

    private static void crowd(
            TableProbe probe, int keys, AtomicInteger clock, SplittableRandom random) {
        ConnectionTable table = probe.table;
        for (int i = 0; i < 30_000; i++) {
            int now = i % 64 == 0 ? clock.addAndGet(7) : clock.get();
            int client = random.nextInt(keys);
            int line = random.nextInt(probe.lines);
            int slot = probe.find(client, now);
            if (slot < 0) {
                if (client % 4 != 0) {
                    int state = random.nextInt(TcpState.COUNT);
                    probe.insert(client, TableProbe.word(state, line, random.nextInt(8)), 0, now);
                    continue;
                }
                int template = probe.findTemplate(client / 8, now);
                if (template < 0) {
                    template = probe.insertTemplate(client / 8, line, random.nextInt(4), now);
                }
                if (template >= 0) {
                    long word = TableProbe.word(TcpState.SYN_RECV, line, random.nextInt(8));
                    probe.insert(client, word | Control.CONTROLLED, template + 1, now);
                }
                continue;
            }
            switch (random.nextInt(8)) {
                case 0 -> table.remove(slot);
                case 1 -> table.sweep(random.nextInt(table.slots()), 16, now);
                case 2 -> table.touch(slot, now);
                default -> {
                    long word = table.control(slot);
                    int state = random.nextInt(TcpState.COUNT);
                    long flag = TcpState.isActive(state) ? 0 : Control.INACTIVE;
                    long after = Control.withState(word & ~Control.INACTIVE | flag, state);
                    if (!Control.has(word, Control.TEMPLATE)) {
                        table.update(slot, word, after);
                    }
                }
            }
        }
    }
}
