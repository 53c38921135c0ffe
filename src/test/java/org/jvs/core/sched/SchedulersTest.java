package org.jvs.core.sched;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Address;
import org.jvs.core.sched.Scheduler.Change;
import org.jvs.core.sched.TestService.Dest;
import org.jvs.core.sched.TestService.Snapshot;

class SchedulersTest {
    static Iterable<String> names() {
        return Schedulers.names();
    }

    @Test
    void unknownNamesGiveNothing() {
        ServiceSpec spec = TestService.spec(TestService.KEY, "", 0);
        assertThat(Schedulers.create("nosuch", spec, new TestSettings())).isNull();
        assertThat(Schedulers.names())
                .contains(
                        "rr", "wrr", "lc", "wlc", "sed", "nq", "fo", "ovf", "lblc", "lblcr", "dh",
                        "sh", "mh", "twos");
    }

    @ParameterizedTest
    @MethodSource("names")
    void nobodyIsPickedWhereNobodyIsAvailable(String name) {
        TestService service = new TestService(name, ServiceSpec.SCHED1 | ServiceSpec.SCHED2);
        assertThat(service.pickHost()).isEqualTo(-1);
        Dest quiesced = service.add(1, 0);
        assertThat(service.pickHost()).isEqualTo(-1);
        Dest full = service.add(2, 1);
        full.overloaded = true;
        assertThat(service.pickHost()).isEqualTo(-1);
        service.remove(quiesced);
        service.remove(full);
        assertThat(service.pickHost()).isEqualTo(-1);
    }

    @ParameterizedTest
    @MethodSource("names")
    void aPickWithTheOldListAfterAChangeStaysWithinIt(String name) {
        TestService service = new TestService(name, ServiceSpec.SCHED1 | ServiceSpec.SCHED2);
        IntStream.rangeClosed(1, 9).forEach(host -> service.add(host, host));
        for (int client = 0; client < 40; client++) {
            service.pickHost(TestService.from(TestService.realserver(client), client));
        }
        Snapshot old = service.list;
        for (int i = 0; i < 7; i++) {
            service.remove(service.dests.get(service.dests.size() / 2));
        }
        service.add(10, 3);
        for (int client = 0; client < 400; client++) {
            Flow flow = TestService.from(TestService.realserver(client), client);
            int index = service.scheduler.pick(flow, old, service.nowMs);
            assertThat(index).isBetween(Scheduler.NONE, old.size() - 1);
            assertThat(service.scheduler.pick(flow, service.list, service.nowMs))
                    .isBetween(Scheduler.NONE, service.list.size() - 1);
        }
    }

    @Test
    void roundRobinGoesOnBehindADestinationThatWasDeletedAndAddedAgain() {
        TestService service = new TestService("rr", 0);
        service.add(1, 1);
        service.add(2, 1);
        Dest first = service.add(3, 1);
        assertThat(service.pickHost()).isEqualTo(3);
        service.remove(first);
        service.add(3, 1);
        // the place fell back to the head of the list, where the newcomer stands first
        assertThat(service.pickHost()).isEqualTo(3);
        assertThat(service.pickHost()).isEqualTo(2);
    }

    @Test
    void weightedRoundRobinDoesNotCountDownFromAnOverloadedGiant() {
        TestService service = new TestService("wrr", 0);
        service.add(1, 1);
        Dest giant = service.add(2, Integer.MAX_VALUE);
        assertThat(service.pickHost()).isEqualTo(2);
        giant.overloaded = true;
        assertThat(service.pickHost()).isEqualTo(1);
        assertThat(service.pickHost()).isEqualTo(1);
        giant.overloaded = false;
        assertThat(service.pickHost()).isEqualTo(2);
    }

    @Test
    void flagsOfAnEditedServiceCountAtOnce() {
        TestService service = new TestService("sh", 0);
        IntStream.rangeClosed(1, 8).forEach(host -> service.add(host, 1));
        Address client = Address.parse("172.16.0.1");
        assertThat(picksOverPorts(service, client)).hasSize(1);
        service.edit(TestService.spec(TestService.KEY, "sh", ServiceSpec.SCHED2));
        assertThat(picksOverPorts(service, client)).hasSize(8);
    }

    private static Set<Integer> picksOverPorts(TestService service, Address client) {
        Set<Integer> hosts = new HashSet<>();
        for (int port = 1; port < 500; port++) {
            hosts.add(service.pickHost(TestService.from(client, port)));
        }
        return hosts;
    }

    @Test
    void maglevSharesByWeightAndMovesFewWhenOneGoes() {
        TestService service = new TestService("mh", 0);
        IntStream.rangeClosed(1, 100).forEach(host -> service.add(host, 1));
        int[] before = picksOf(service, 4000);
        service.remove(service.dests.get(50));
        int[] after = picksOf(service, 4000);
        long moved = IntStream.range(0, before.length).filter(i -> before[i] != after[i]).count();
        assertThat(moved).isBetween(20L, 300L);
    }

    @Test
    void maglevKeepsItsTableWithMoreDestinationsThanSlots() {
        TestService service = new TestService("mh", 0);
        int[] before = {};
        for (int i = 1; i <= MaglevHash.SLOTS + 1; i++) {
            service.dests =
                    IntStream.iterate(i, host -> host > 0, host -> host - 1)
                            .mapToObj(SchedulersTest::numbered)
                            .toList();
            i = i == 1 ? MaglevHash.SLOTS - 1 : i;
            service.list = new Snapshot(service.dests);
            service.scheduler.changed(service.list, Change.ADDED);
            int[] now = picksOf(service, 500);
            if (service.dests.size() > MaglevHash.SLOTS) {
                assertThat(now).isEqualTo(before);
            }
            before = now;
        }
    }

    private static Dest numbered(int host) {
        Dest dest = new Dest(host, TestService.realserver(host), 80);
        dest.set(1, 0, 0);
        return dest;
    }

    private static int[] picksOf(TestService service, int clients) {
        return IntStream.range(0, clients)
                .map(client -> {
                    Address source = Address.ipv4(0xac100000 + client * 77);
                    Dest dest = service.pick(TestService.from(source, 1));
                    return dest == null ? -1 : dest.id;
                })
                .toArray();
    }

    @Test
    void twoChoicesFollowWeightsAndPreferTheLessLoaded() {
        TestService service = new TestService("twos", 0);
        Dest light = service.add(1, 100);
        service.add(2, 300);
        int draws = 40_000;
        // without connections the first draw decides: 100 to 300
        assertThat(share(service, 1, draws)).isBetween(0.24, 0.26);
        light.active = 1;
        // now it must be drawn twice: (1/4)^2
        assertThat(share(service, 1, draws)).isBetween(0.055, 0.07);
        service.setWeight(light, 0);
        assertThat(share(service, 1, 1000)).isZero();
    }

    private static double share(TestService service, int host, int draws) {
        return (double) IntStream.range(0, draws).filter(_ -> service.pickHost() == host).count()
                / draws;
    }
}
