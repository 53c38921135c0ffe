package org.jvs.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.jvs.testing.Rig;

class ClientPathsTest {
    private final Rig.FixedHost host = new Rig.FixedHost();
    private final ClientPaths paths = new ClientPaths(host);

    @Test
    void whatTheHostSaysAnewCountsAtOnce() {
        assertThat(paths.mtu(false, 0, 0x0b000001)).isEqualTo(1500);
        host.setMtu(1400);
        assertThat(paths.mtu(false, 0, 0x0b000001)).isEqualTo(1400);
        host.learnMtu(false, 0, 0x0b000001, 1300, 0);
        assertThat(paths.mtu(false, 0, 0x0b000001)).isEqualTo(1300);
        host.addLocal("11.0.0.1");
        assertThat(paths.mtu(false, 0, 0x0b000001)).isEqualTo(ClientPaths.LOCAL);
    }

    @Test
    void aClientWithoutAWayIsAskedForEachTime() {
        host.mtu = 0;
        assertThat(paths.mtu(false, 0, 0x0b000001)).isZero();
        host.mtu = 1500; // the version tells of changes, and this is one that it does not tell
        assertThat(paths.mtu(false, 0, 0x0b000001)).isEqualTo(1500);
    }

    @Test
    void clientsAreNeverMixedUp() {
        // an IPv4 address and the IPv6 address with the same bits, and more clients than cells
        host.learnMtu(false, 0, 0x0b000001, 1300, 0);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100_000; i++) {
            boolean ipv6 = random.nextBoolean();
            long lo = 0x0b000000L + random.nextInt(20_000);
            int expected = !ipv6 && lo == 0x0b000001 ? 1300 : 1500;
            assertThat(paths.mtu(ipv6, 0, lo)).isEqualTo(expected);
        }
        assertThat(paths.mtu(true, 0, 0x0b000001)).isEqualTo(1500);
        assertThat(paths.mtu(false, 0, 0x0b000001)).isEqualTo(1300);
    }
}
