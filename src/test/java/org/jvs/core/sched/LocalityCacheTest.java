package org.jvs.core.sched;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.jvs.core.net.Address;
import org.jvs.core.sched.TestService.Dest;

/** The caches of lblc and lblcr: what they remember, for how long, and how much. */
class LocalityCacheTest {
    private static final long MINUTE = 60_000;

    private static Address cached(int number) {
        return Address.ipv4(0x0b000000 + number);
    }

    private static int entries(TestService service) {
        return ((AddressCache) service.scheduler).entries();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lblc", "lblcr"})
    void theFullCheckDropsWhatWasIdleForTheExpirationTime(String name) {
        TestService service = new TestService(name, 0);
        service.add(1, 1);
        service.settings.expirationMs = 20 * MINUTE;
        service.pickHost(TestService.to(cached(1)));
        service.pickHost(TestService.to(cached(2)));
        service.nowMs += 15 * MINUTE;
        service.pickHost(TestService.to(cached(2)));
        // the 29th run is none of its business
        service.nowMs += 14 * MINUTE;
        service.pickHost(TestService.to(cached(3)));
        assertThat(entries(service)).isEqualTo(3);
        service.nowMs += MINUTE;
        service.pickHost(TestService.to(cached(3)));
        assertThat(entries(service)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lblc", "lblcr"})
    void aLongSilenceEndsWithOneFullCheck(String name) {
        TestService service = new TestService(name, 0);
        service.add(1, 1);
        for (int i = 0; i < 100; i++) {
            service.pickHost(TestService.to(cached(i)));
        }
        service.nowMs += 3 * 86_400_000L;
        service.pickHost(TestService.to(cached(1000)));
        assertThat(entries(service)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lblc", "lblcr"})
    void aFullCacheStillSchedulesAndIsThinnedOut(String name) {
        TestService service = new TestService(name, 0);
        service.add(1, 1);
        int many = AddressCache.CAPACITY + 1000;
        for (int i = 0; i < many; i++) {
            assertThat(service.pickHost(TestService.to(cached(i)))).isEqualTo(1);
        }
        assertThat(entries(service)).isEqualTo(AddressCache.CAPACITY);
        service.nowMs += 5 * MINUTE;
        service.pickHost(TestService.to(cached(0)));
        assertThat(entries(service)).isEqualTo(AddressCache.CAPACITY);
        // idle for six minutes: at most half the maximum goes in one run
        service.nowMs += MINUTE;
        service.pickHost(TestService.to(cached(0)));
        assertThat(entries(service))
                .isBetween(AddressCache.MAX_SIZE - 100, AddressCache.MAX_SIZE + 1);
        service.pickHost(TestService.to(cached(many)));
        assertThat(entries(service)).isGreaterThan(AddressCache.MAX_SIZE - 100);
    }

    @Test
    void aRevivedDestinationHasItsAddressesAgain() {
        TestService service = new TestService("lblc", 0);
        Dest one = service.add(1, 1);
        service.add(2, 1).active = 1;
        assertThat(service.pickHost(TestService.to(cached(1)))).isEqualTo(1);
        one.active = 1;
        service.remove(one);
        service.add(3, 1).active = 5;
        service.add(one.address, one.port, 1, 0, 0);
        assertThat(service.pickHost(TestService.to(cached(1)))).isEqualTo(1);
    }

    @Test
    void aSetOfReplicasShrinksByTheMostLoadedAfterTheExpirationTime() {
        TestService service = new TestService("lblcr", 0);
        Dest one = service.add(1, 2);
        Dest two = service.add(2, 2);
        Flow flow = TestService.to(cached(1));
        assertThat(service.pickHost(flow)).isEqualTo(2);
        two.active = 3;
        assertThat(service.pickHost(flow)).isEqualTo(1);
        one.active = 2;
        two.active = 1;
        // in two steps, for an entry idle for that long would go altogether
        service.nowMs += service.settings.expirationMs / 2;
        assertThat(service.pickHost(flow)).isEqualTo(2);
        service.nowMs += service.settings.expirationMs / 2;
        assertThat(service.pickHost(flow)).isEqualTo(2);
        one.active = 0;
        assertThat(service.pickHost(flow)).isEqualTo(1);
        one.active = 2;
        service.nowMs += 1;
        assertThat(service.pickHost(flow)).isEqualTo(2);
        one.active = 0;
        assertThat(service.pickHost(flow)).as("the set is down to one").isEqualTo(2);
    }
}
