package org.jvs.core.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.jvs.core.net.Protocol;
import org.jvs.core.state.TcpState;

class ConnectionTableTest {
    private static final long ESTABLISHED = TableProbe.word(TcpState.ESTABLISHED, 0, 900);
    private static final long HALF_OPEN = TableProbe.word(TcpState.SYN_RECV, 0, 60);

    /** The promise: a million IPv4 connections in at most 64 MB, and nobody has to give way. */
    @Test
    void holdsAMillionConnectionsIn64MiB() {
        int count = 1_000_000;
        try (Arena arena = Arena.ofConfined()) {
            TableProbe probe = new TableProbe(arena, 1 << 21, 1);
            ConnectionTable table = probe.table;
            assertThat(table.countsAt()).isEqualTo(64L << 20);
            SplittableRandom random = new SplittableRandom(42);
            for (int i = 0; i < count; i++) {
                assertThat(insert(table, random)).isNotNegative();
            }
            assertThat(table.size()).isEqualTo(count);
            assertThat(table.evictions()).isZero();
            assertThat(table.refusals()).isZero();
            assertThat(probe.destinations.active(0)).isEqualTo(count);
            random = new SplittableRandom(42);
            for (int i = 0; i < count; i++) {
                long client = random.nextLong() & 0xffffffffL;
                int port = random.nextInt(65_536);
                assertThat(
                                table.find(
                                        0,
                                        client,
                                        port,
                                        0,
                                        1,
                                        80,
                                        Protocol.TCP,
                                        ConnectionTable.CONNECTION,
                                        0,
                                        new Found()))
                        .isNotNegative();
            }
        }
    }

    private static int insert(ConnectionTable table, SplittableRandom random) {
        long client = random.nextLong() & 0xffffffffL;
        int port = random.nextInt(65_536);
        return table.insert(
                0,
                client,
                port,
                0,
                1,
                80,
                Protocol.TCP,
                8080,
                ESTABLISHED,
                new Found(),
                0,
                new Found());
    }

    @Test
    void establishedConnectionsNeverGiveWay() {
        try (Arena arena = Arena.ofConfined()) {
            TableProbe probe = new TableProbe(arena, 16, 1);
            int held = 0;
            for (int client = 0; client < 200; client++) {
                held += probe.insert(client, ESTABLISHED, 0, 0) >= 0 ? 1 : 0;
            }
            assertThat(held).isEqualTo(16);
            assertThat(probe.table.evictions()).isZero();
            assertThat(probe.table.refusals()).isEqualTo(200 - 16);
            probe.check();
        }
    }

    @Test
    void halfOpenConnectionsGiveWayFirst() {
        try (Arena arena = Arena.ofConfined()) {
            TableProbe probe = new TableProbe(arena, 16, 1);
            for (int client = 0; client < 8; client++) {
                assertThat(probe.insert(client, ESTABLISHED, 0, 0)).isNotNegative();
            }
            for (int client = 100; client < 100_100; client++) {
                probe.insert(client, HALF_OPEN, 0, client);
            }
            for (int client = 0; client < 8; client++) {
                assertThat(probe.find(client, 0)).isNotNegative();
            }
            assertThat(probe.table.evictions()).isGreaterThan(90_000);
            assertThat(probe.table.size()).isLessThanOrEqualTo(16);
            probe.check();
        }
    }

    @Test
    void anEntryIsGoneWhenItsTimeIsUp() {
        try (Arena arena = Arena.ofConfined()) {
            TableProbe probe = new TableProbe(arena, 16, 1);
            // the clock wraps at 32 bits
            for (int now : new int[] {0, -30_000, Integer.MAX_VALUE - 10}) {
                int slot = probe.insert(1, HALF_OPEN, 0, now);
                assertThat(probe.find(1, now + 59_999)).isEqualTo(slot);
                assertThat(probe.table.expiresMs(slot, now + 59_999)).isEqualTo(1);
                probe.table.touch(slot, now + 59_999);
                assertThat(probe.find(1, now + 119_998)).isEqualTo(slot);
                assertThat(probe.find(1, now + 119_999)).isEqualTo(ConnectionTable.NONE);
                assertThat(probe.table.size()).isZero();
                probe.check();
            }
        }
    }

    @Test
    void theSweepRemovesWhatNobodyAsksFor() {
        try (Arena arena = Arena.ofConfined()) {
            TableProbe probe = new TableProbe(arena, 64, 2);
            for (int client = 0; client < 30; client++) {
                probe.insert(client, client % 3 == 0 ? ESTABLISHED : HALF_OPEN, 0, 0);
            }
            int hand = 0;
            for (int i = 0; i < 8; i++) {
                hand = probe.table.sweep(hand, 8, 60_000);
            }
            assertThat(hand).isZero();
            assertThat(probe.table.size()).isEqualTo(10);
            probe.check();
        }
    }

    @Test
    void aTemplateLivesAsLongAsItsConnections() {
        try (Arena arena = Arena.ofConfined()) {
            TableProbe probe = new TableProbe(arena, 64, 1);
            int template = probe.insertTemplate(1, 0, 5, 0);
            int slot = probe.insert(1, ESTABLISHED | Control.CONTROLLED, template + 1, 0);
            assertThat(probe.table.controlled(template)).isEqualTo(1);
            assertThat(probe.table.template(slot)).isEqualTo(template);
            assertThat(probe.table.remove(template)).as("a template in use").isFalse();
            assertThat(probe.findTemplate(1, 5_000)).isEqualTo(template);
            // it lives on in steps of a minute
            probe.table.touch(slot, 64_000);
            assertThat(probe.findTemplate(1, 64_000)).isEqualTo(template);
            probe.table.remove(slot);
            assertThat(probe.table.controlled(template)).isZero();
            assertThat(probe.findTemplate(1, 65_000)).isEqualTo(ConnectionTable.NONE);
            assertThat(probe.insert(1, ESTABLISHED | Control.CONTROLLED, template + 1, 65_000))
                    .isNotNegative();
            assertThat(probe.table.template(probe.find(1, 65_000)))
                    .as("its template is gone")
                    .isEqualTo(ConnectionTable.NONE);
            probe.clear();
        }
    }

    /** A random script against a plain map, without evictions. */
    @Test
    void agreesWithAMap() {
        try (Arena arena = Arena.ofConfined()) {
            for (boolean ipv6 : new boolean[] {false, true}) {
                TableProbe probe = new TableProbe(arena, ipv6, 4096, 3);
                java.util.Map<Integer, Integer> expected = new java.util.HashMap<>();
                SplittableRandom random = new SplittableRandom(7);
                for (int i = 0; i < 100_000; i++) {
                    int client = random.nextInt(2500);
                    int slot = probe.find(client, 0);
                    Integer line = expected.get(client);
                    assertThat(slot >= 0).isEqualTo(line != null);
                    if (line == null) {
                        int chosen = random.nextInt(3);
                        long word = TableProbe.word(TcpState.ESTABLISHED, chosen, 900);
                        if (probe.insert(client, word, 0, 0) >= 0) {
                            expected.put(client, chosen);
                        }
                    } else {
                        assertThat(Control.destination(probe.table.control(slot))).isEqualTo(line);
                        if (random.nextInt(3) == 0) {
                            assertThat(probe.table.remove(slot)).isTrue();
                            expected.remove(client);
                        }
                    }
                }
                assertThat(probe.table.moves()).isPositive();
                assertThat(probe.table.size()).isEqualTo(expected.size());
                probe.check();
            }
        }
    }

    @Test
    void anEqualEntryIsFoundBeforeAnythingGivesWay() {
        try (Arena arena = Arena.ofConfined()) {
            TableProbe probe = new TableProbe(arena, 4, 2);
            int[] slots = new int[4];
            for (int client = 0; client < 4; client++) {
                slots[client] =
                        probe.insert(client, TableProbe.word(TcpState.SYN_RECV, 0, 60), 0, 0);
            }
            for (int client = 0; client < 4; client++) {
                int equal = probe.insert(client, TableProbe.word(TcpState.SYN_RECV, 1, 60), 0, 0);
                assertThat(equal).isEqualTo(slots[client]);
            }
            assertThat(probe.table.evictions()).isZero();
            probe.check();
        }
    }

    @Test
    void aWriterThatWasAwayForLongChangesNobodyElsesEntry() {
        try (Arena arena = Arena.ofConfined()) {
            TableProbe probe = new TableProbe(arena, 4, 1);
            long control = TableProbe.word(TcpState.SYN_RECV, 0, 60);
            int slot = probe.insert(1, control, 0, 0);
            long before = probe.table.control(slot);
            for (int i = 1; i < 4096; i++) {
                probe.table.remove(slot);
                assertThat(probe.insert(1, control, 0, 0)).isEqualTo(slot);
                assertThat(
                                probe.table.update(
                                        slot, before, Control.withState(before, TcpState.CLOSE)))
                        .isFalse();
            }
        }
    }

    /** A template's slot that was given to a connection since takes no connections. */
    @Test
    void noConnectionCountsWithASlotThatIsNoTemplateAnyMore() {
        try (Arena arena = Arena.ofConfined()) {
            TableProbe probe = new TableProbe(arena, 4, 1);
            int template = probe.insertTemplate(1, 0, 60, 0);
            probe.table.remove(template);
            long control = TableProbe.word(TcpState.SYN_RECV, 0, 60);
            for (int client = 1; client <= 3; client++) {
                int slot = probe.insert(client, control | Control.CONTROLLED, template + 1, 0);
                assertThat(probe.table.template(slot)).isEqualTo(ConnectionTable.NONE);
            }
            probe.check();
            probe.clear();
        }
    }

    @Test
    void timeoutsAreExactUpToNineHoursAndNeverCutShort() {
        for (int seconds = 0; seconds <= Control.MAX_TIMEOUT_SECONDS; seconds += 97) {
            int kept = Control.timeoutSeconds(Control.withTimeout(0, seconds));
            if (seconds < 32_768) {
                assertThat(kept).isEqualTo(seconds);
            } else {
                assertThat(kept).isBetween(seconds, seconds + 127);
            }
        }
        assertThat(Control.timeoutSeconds(Control.withTimeout(0, Integer.MAX_VALUE)))
                .isEqualTo(Control.MAX_TIMEOUT_SECONDS);
        assertThat(Control.withTimeout(0x0000_ffff_ffff_ffffL, 0x7fff_ffff) & 0xffff_ffff_ffffL)
                .isEqualTo(0xffff_ffff_ffffL);
    }
}
