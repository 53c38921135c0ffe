package org.jvs.core.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.jvs.core.net.Protocol;
import org.jvs.core.state.TcpState;

/** What was found is one entry's, and nothing is done to a stranger in its slot. */
class FoundTest {
    private static final int SECONDS = 60;

    private final Found found = new Found();

    private static int insert(TableProbe probe, int client, int link) {
        long flags = link == 0 ? 0 : Control.CONTROLLED;
        return probe.table.insert(
                0,
                client,
                1000,
                0,
                TableProbe.VIP,
                TableProbe.PORT,
                Protocol.TCP,
                8000 + client,
                TableProbe.word(TcpState.SYN_RECV, client % probe.lines, SECONDS) | flags,
                probe.template(link),
                0,
                new Found());
    }

    private int find(TableProbe probe, int client, int now) {
        return probe.table.find(
                0,
                client,
                1000,
                0,
                TableProbe.VIP,
                TableProbe.PORT,
                Protocol.TCP,
                ConnectionTable.CONNECTION,
                now,
                found);
    }

    /** Removes what was found, and puts another client's entry into the slot. */
    private int replace(TableProbe probe, int slot) {
        assertThat(probe.table.remove(slot)).isTrue();
        for (int client = 100; ; client++) {
            int at = insert(probe, client, 0);
            if (at == slot) {
                return client;
            }
            assertThat(probe.table.remove(at)).isTrue();
        }
    }

    @Test
    void aStrangerInTheSlotIsLeftAlone() {
        try (Arena arena = Arena.ofConfined()) {
            TableProbe probe = new TableProbe(arena, 4, 2);
            insert(probe, 1, 0);
            int slot = find(probe, 1, 0);
            assertThat(probe.table.isStill(found)).isTrue();
            int stranger = replace(probe, slot);

            assertThat(found.destinationPort()).isEqualTo(8001);
            assertThat(found.destination()).isEqualTo(1);
            assertThat(probe.table.isStill(found)).isFalse();
            assertThat(probe.table.remove(found)).isFalse();
            probe.table.touch(found, 30_000);
            assertThat(probe.table.expiresMs(slot, 30_000)).isEqualTo(SECONDS * 1000 - 30_000);
            long closed = Control.withState(found.word(), TcpState.CLOSE);
            assertThat(probe.table.update(slot, found.word(), closed)).isFalse();
            assertThat(find(probe, stranger, 0)).isEqualTo(slot);
            probe.check();
        }
    }

    /** A connection joins the template it was scheduled by, or none. */
    @Test
    void aStrangersTemplateTakesNoConnection() {
        try (Arena arena = Arena.ofConfined()) {
            TableProbe probe = new TableProbe(arena, 4, 2);
            int template = probe.insertTemplate(1, 0, SECONDS, 0);
            Found old = new Found();
            assertThat(probe.table.read(template, 0, old)).isTrue();
            assertThat(probe.table.remove(template)).isTrue();
            int stranger = ConnectionTable.NONE;
            for (int client = 2; stranger != template; client++) {
                stranger = probe.insertTemplate(client, 0, SECONDS, 0);
                if (stranger != template) {
                    probe.table.remove(stranger);
                }
            }
            Found inserted = new Found();
            long word = TableProbe.word(TcpState.SYN_RECV, 0, SECONDS) | Control.CONTROLLED;
            int slot =
                    probe.table.insert(
                            0,
                            9,
                            1000,
                            0,
                            TableProbe.VIP,
                            TableProbe.PORT,
                            Protocol.TCP,
                            8080,
                            word,
                            old,
                            0,
                            inserted);
            assertThat(slot).isNotNegative();
            assertThat(inserted.isOwn()).isTrue();
            assertThat(Control.has(inserted.word(), Control.CONTROLLED)).isFalse();
            assertThat(probe.table.controlled(template)).isZero();
            probe.check();
        }
    }

    /** Slots change hands all the time: each look-up gets its own client's port and destination. */
    @Test
    void whatIsFoundFitsTogether() throws Exception {
        try (Arena arena = Arena.ofShared()) {
            TableProbe probe = new TableProbe(arena, 4, 3);
            AtomicInteger hits = new AtomicInteger();
            AtomicInteger wrong = new AtomicInteger();
            Race.run(
                    1000,
                    64,
                    _ -> {},
                    _ -> {
                        assertThat(wrong.get()).isZero();
                        probe.check();
                    },
                    item -> {
                        for (int client = item; client < item + 4; client++) {
                            int slot = find(probe, client % 16, 0);
                            if (slot >= 0) {
                                hits.incrementAndGet();
                                if (found.destinationPort() != 8000 + client % 16
                                        || found.destination() != client % 16 % 3) {
                                    wrong.incrementAndGet();
                                }
                            }
                        }
                    },
                    item -> {
                        for (int i = 0; i < 4; i++) {
                            probe.table.remove((item + i) % 4);
                            insert(probe, item * 7 + i & 15, 0);
                        }
                    });
            assertThat(hits.get()).isPositive();
        }
    }

    /** Who comes second gets the first one's entry, whatever destination it chose. */
    @Test
    void theSlowerOfTwoEqualWritersLearnsOfTheFastersChoice() {
        try (Arena arena = Arena.ofConfined()) {
            TableProbe probe = new TableProbe(arena, 16, 2);
            int first = insert(probe, 1, 0);
            Found inserted = new Found();
            int second =
                    probe.table.insert(
                            0,
                            1,
                            1000,
                            0,
                            TableProbe.VIP,
                            TableProbe.PORT,
                            Protocol.TCP,
                            9999,
                            TableProbe.word(TcpState.SYN_RECV, 0, SECONDS),
                            new Found(),
                            0,
                            inserted);
            assertThat(second).isEqualTo(first);
            assertThat(inserted.isOwn()).isFalse();
            assertThat(inserted.destination()).isEqualTo(1);
            assertThat(inserted.destinationPort()).isEqualTo(8001);
            probe.check();
        }
    }
}
