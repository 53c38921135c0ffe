package org.jvs.datapath;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.jvs.core.engine.Director;
import org.jvs.core.engine.DirectorOptions;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Control;
import org.jvs.core.table.Counters;
import org.jvs.core.table.Destinations;
import org.jvs.core.table.Found;
import org.jvs.core.table.TableMemory.Part;
import org.jvs.linux.BpfMap;

/// A director's tables are the kernel's maps.
@Tag("root")
class SharedTablesRootTest {
    private final SharedTables tables = new SharedTables();

    private static byte[] inTheKernel(BpfMap map) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(map.transferBytes(), 8);
            assertThat(map.lookup(arena.allocate(JAVA_INT), value)).isTrue();
            return value.toArray(JAVA_BYTE);
        }
    }

    @Test
    void theKernelSeesWhatTheDirectorWrites() {
        try (tables) {
            DirectorOptions options =
                    SharedTables.withLanes(new DirectorOptions(64, 16, 8, 1, 0), 2);
            Director director = new Director(options, new HostTables(), tables);
            assertThat(tables.maps())
                    .extracting(BpfMap::name)
                    .containsExactlyInAnyOrder("jvs_ipv4", "jvs_ipv6", "jvs_dests", "jvs_counters");
            Destinations destinations = director.destinations();
            int line = destinations.allocate();
            destinations.setIdentity(line, true, 1, 2, 80, 0, 0);
            director.counters().add(2, 5, Counters.CONNECTIONS, 7);
            for (Family family : Family.values()) {
                ConnectionTable table = director.connections(family);
                long control = Control.of(1, 0, line, 60);
                int slot =
                        table.insert(
                                0,
                                9,
                                1,
                                0,
                                8,
                                80,
                                Protocol.TCP,
                                80,
                                control,
                                new Found(),
                                0,
                                new Found());
                assertThat(slot).isNotNegative();
                Part part = family == Family.IPV4 ? Part.CONNECTIONS_IPV4 : Part.CONNECTIONS_IPV6;
                byte[] bytes = inTheKernel(tables.map(part));
                assertThat(bytes).isEqualTo(table.memory().toArray(JAVA_BYTE));
                MemorySegment seen = MemorySegment.ofArray(bytes);
                // what another writer counts is counted
                long count = table.countsAt() + 64;
                assertThat(seen.get(JAVA_LONG.withByteAlignment(1), count)).isEqualTo(1);
                table.memory().set(JAVA_LONG, count + 128, 4);
                assertThat(table.size()).isEqualTo(5);
            }
            assertThat(inTheKernel(tables.map(Part.DESTINATIONS)))
                    .isEqualTo(destinations.memory().toArray(JAVA_BYTE));
            assertThat(inTheKernel(tables.map(Part.COUNTERS)))
                    .isEqualTo(director.counters().memory().toArray(JAVA_BYTE));
            assertThat(director.counters().read(5, Counters.CONNECTIONS)).isEqualTo(7);
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        try (tables) {
            assertThatThrownBy(() -> tables.of(Part.COUNTERS).allocate(1 << 29, 64))
                    .hasMessage(
                            "no room for the table of counters, 512 MiB of the kernel's memory:"
                                    + " a BPF map has less than 512 MiB");
            assertThat(tables.maps()).isEmpty();
        }
    }

    /// 10,000 services with 10 destinations each, on a machine of any size.
    @Test
    void countersFitWhateverTheNumberOfCpus() {
        DirectorOptions options = DirectorOptions.withSeed(1);
        assertThat(options.counterLines()).isGreaterThan(10_000 * 11 + 2);
        assertThat(SharedTables.withLanes(options, 2).lanes()).isEqualTo(3);
        for (int cpus : new int[] {1, 48, 64, 8192}) {
            int lanes = SharedTables.withLanes(options, cpus).lanes();
            assertThat((long) lanes * options.counterLines() * 64).isLessThan(1L << 29);
            assertThat(lanes).isBetween(2, cpus + 1);
        }
    }
}
