package org.jvs.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.jvs.testing.Mutations;

/**
 * Mangled packets by the hundred thousand. Longer, with other packets: {@code ./jvs test
 * -Dtest=EngineFuzzTest -Dfuzz.seconds=600 -Dfuzz.seed=7}.
 */
class EngineFuzzTest {
    @Test
    void noPacketBreaksTheEngine() {
        long seconds = Long.getLong("fuzz.seconds", 8);
        long seed = Long.getLong("fuzz.seed", 1);
        List<byte[]> recorded = Mutations.recorded(Path.of("src/test/resources/golden/packets"));
        assertThat(recorded).isNotEmpty();
        long end = System.nanoTime() + seconds * 1_000_000_000;
        int steps = 0;
        try (Arena arena = Arena.ofConfined()) {
            EngineFuzzer fuzzer = new EngineFuzzer(arena, seed, recorded);
            while (System.nanoTime() - end < 0 || steps < 20_000) {
                fuzzer.step(steps++);
            }
            for (Verdict verdict : Verdict.values()) {
                if (verdict != Verdict.LOCAL) {
                    assertThat(fuzzer.count(verdict)).as("packets with %s", verdict).isPositive();
                }
            }
        }
        System.out.println("fuzzed " + steps + " packets, seed " + seed);
    }
}
