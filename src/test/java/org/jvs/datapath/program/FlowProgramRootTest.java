package org.jvs.datapath.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The XDP program against the Java engine, packet by packet.
@Tag("root")
class FlowProgramRootTest {
    private static final int PACKETS = Integer.getInteger("jvs.duel.packets", 20_000);

    private final Duel duel = new Duel();

    @AfterEach
    void close() {
        duel.close();
    }

    /// Longer by `-Djvs.duel.packets=1000000`, the same again by `-Djvs.duel.seed=...`.
    @Test
    void randomTraffic() {
        long seed = Long.getLong("jvs.duel.seed", new Random().nextLong());
        System.out.println("duel: seed " + seed + ", " + PACKETS + " packets");
        RandomPackets packets = new RandomPackets(duel, seed);
        for (int i = 0; i < PACKETS; i++) {
            try {
                packets.step(i);
            } catch (AssertionError e) {
                throw new AssertionError(
                        "seed " + seed + ", packet " + i + ": " + e.getMessage(), e);
            }
        }
        System.out.println("duel: " + duel.outcomes);
        // NAT, replies, direct and four mixes of tunnels, each with TCP and UDP
        assertThat(duel.outcomes).hasSize(20);
    }
}
