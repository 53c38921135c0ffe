package org.jvs.datapath;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvs.linux.BpfMap;

/// Programs have the director's clock.
@Tag("root")
class JiffiesRootTest {
    private static final long MS = 1_000_000;

    private final AtomicLong leapNs = new AtomicLong();
    private final Jiffies jiffies = new Jiffies(() -> System.nanoTime() + leapNs.get());

    /// How far the program's clock is behind, in ms, with what the comparison itself takes.
    private void assertRight() {
        long before = (System.nanoTime() + leapNs.get()) / MS;
        int program = jiffies.programMs();
        long after = (System.nanoTime() + leapNs.get()) / MS;
        // a tick, and what a busy host may hold the ticks back: then or when the clock was set
        assertThat((int) after - program).isGreaterThan(-250);
        assertThat((int) before - program).isLessThan(250);
    }

    @Test
    void programsHaveTheDirectorsClock() {
        try (jiffies) {
            assertThat(jiffies.hz()).isZero();
            BpfMap map = jiffies.map();
            assertThat(map.name()).isEqualTo("jvs_clock");
            assertThat(jiffies.hz()).isIn(100, 250, 300, 1000);
            assertThat(map.map().get(JAVA_LONG, 0)).isEqualTo(Jiffies.scale(jiffies.hz()));
            for (int i = 0; i < 1000; i++) {
                assertRight();
            }
            jiffies.advance();
            assertRight();
        }
    }

    /// The kernel steers its clock but not the jiffies; after a time in suspend both are elsewhere.
    @ParameterizedTest
    @CsvSource({"7", "400", "3000000000"})
    void itFollowsWhenTheClocksDiffer(long ms) {
        try (jiffies) {
            jiffies.map();
            int hz = jiffies.hz();
            // jiffies that stand still for a while spoil the second measurement of their rate as
            // well
            leapNs.set(ms * MS);
            for (int i = 0; i < 3; i++) {
                jiffies.advance();
            }
            if (jiffies.hz() == hz) {
                assertRight();
                leapNs.addAndGet(-6 * MS);
                jiffies.advance();
                assertRight();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10, 100, 100",
        "11, 100, 100",
        "24, 100, 250",
        "26, 100, 250",
        "29, 100, 300",
        "31, 100, 300",
        "99, 100, 1000",
        "101, 100, 1000",
        "2999, 10000, 300"
    })
    void theRateIsTheNearestOne(long ticks, long ms, int hz) {
        assertThat(Jiffies.hz(ticks, ms * MS)).isEqualTo(hz);
        // exact but for rounding: a millisecond is lost in 49 days at the most
        long ticksOfADay = 86_400L * hz;
        assertThat(ticksOfADay * Jiffies.scale(hz) >>> 32 & 0xffffffffL)
                .isBetween(86_399_999L, 86_400_001L);
    }
}
