package org.jvs.core.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.jvs.core.admin.Stats;

class MeterTest {
    /** The kernel's fixed-point average, worked out by hand for 1,000 packets in a period. */
    @Test
    void ratesFollowTheKernelsFormula() {
        try (Arena arena = Arena.ofConfined()) {
            Counters counters = new Counters(arena, 2, 4);
            int line = counters.allocate();
            Meter meter = new Meter(counters, line);
            counters.add(0, line, Counters.IN_PACKETS, 600);
            counters.add(1, line, Counters.IN_PACKETS, 400);
            counters.add(0, line, Counters.IN_BYTES, 64_000);
            meter.estimate();
            // (1000 << 9) >> 2 = 128000; (128000 + 511) >> 10 = 125
            // (64000 << 4) >> 2 = 256000; (256000 + 15) >> 5 = 8000
            assertThat(meter.read())
                    .isEqualTo(new Stats(0, 1000, 0, 64_000, 0, 0, 125, 0, 8000, 0));
            meter.estimate();
            // 128000 + (0 - 128000 >> 2) = 96000 -> 94
            assertThat(meter.read().inPps()).isEqualTo(94);
            assertThat(meter.read().inBps()).isEqualTo(6000);
        }
    }

    @Test
    void aSteadyRateIsReached() {
        try (Arena arena = Arena.ofConfined()) {
            Counters counters = new Counters(arena, 1, 4);
            int line = counters.allocate();
            Meter meter = new Meter(counters, line);
            for (int i = 0; i < 60; i++) {
                counters.add(0, line, Counters.CONNECTIONS, 20);
                meter.estimate();
            }
            assertThat(meter.read().cps()).isEqualTo(10);
        }
    }

    @Test
    void zeroingForgetsCountsAndRatesButWritesNothing() {
        try (Arena arena = Arena.ofConfined()) {
            Counters counters = new Counters(arena, 1, 4);
            int line = counters.allocate();
            Meter meter = new Meter(counters, line);
            counters.addPacket(0, line, Counters.OUT_PACKETS, Counters.OUT_BYTES, 100);
            meter.estimate();
            meter.zero();
            assertThat(meter.read()).isEqualTo(Stats.ZERO);
            assertThat(counters.read(line, Counters.OUT_BYTES)).isEqualTo(100);
            counters.addPacket(0, line, Counters.OUT_PACKETS, Counters.OUT_BYTES, 50);
            assertThat(meter.read().outBytes()).isEqualTo(50);
        }
    }
}
