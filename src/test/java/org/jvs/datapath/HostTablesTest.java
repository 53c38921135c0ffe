package org.jvs.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.jvs.core.engine.Host;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.linux.InterfaceAddress;
import org.jvs.linux.Link;
import org.jvs.linux.MacAddress;
import org.jvs.linux.Neighbour;
import org.jvs.linux.Prefix;
import org.jvs.linux.Route;

class HostTablesTest {
    private static final int REACHABLE = 2;
    private static final int FAILED = 0x20;

    private final HostTables tables = new HostTables();
    private final List<Route> ipv4 = new ArrayList<>();
    private final List<Route> ipv6 = new ArrayList<>();
    private final List<InterfaceAddress> addresses = new ArrayList<>();
    private final NextHop hop = new NextHop();
    private int version = 10;

    private static Link link(int index, boolean up, int mtu) {
        return new Link(
                index,
                "e" + index,
                new MacAddress(0x020000000000L + index),
                mtu,
                up ? 1 : 0,
                1,
                "veth",
                0,
                0,
                -1,
                6,
                1,
                1,
                Link.XdpAttachment.NONE,
                0);
    }

    private void publish() {
        tables.publish(
                new HostTables.Snapshot(
                        ++version,
                        List.of(link(1, true, 1500), link(2, true, 1400), link(3, false, 1500)),
                        addresses,
                        ipv4,
                        ipv6));
    }

    private String nextHop(String text) {
        Address address = Address.parse(text);
        if (!tables.nextHop(address.isIpv6(), address.hi(), address.lo(), hop)) {
            return "none";
        }
        Family family = hop.ipv6 ? Family.IPV6 : Family.IPV4;
        return new Address(family, hop.hi, hop.lo) + " e" + hop.interfaceIndex;
    }

    private int mtu(String text) {
        Address address = Address.parse(text);
        return tables.mtu(address.isIpv6(), address.hi(), address.lo());
    }

    private boolean isLocal(String text) {
        Address address = Address.parse(text);
        return tables.isLocal(address.isIpv6(), address.hi(), address.lo());
    }

    private String source(String text) {
        Address address = Address.parse(text);
        Host.Source source = new Host.Source();
        return tables.source(address.isIpv6(), address.hi(), address.lo(), source)
                ? new Address(address.family(), source.hi, source.lo).toString()
                : "none";
    }

    private static Route onLink(String prefix, int link) {
        return Route.onLink(Prefix.parse(prefix), link);
    }

    private static Route via(String prefix, String gateway, int link) {
        return Route.via(Prefix.parse(prefix), Address.parse(gateway)).withInterface(link);
    }

    @Test
    void theLongestPrefixWinsThenTheLowestMetric() {
        ipv4.add(via("0.0.0.0/0", "10.0.0.9", 1).withMetric(100));
        ipv4.add(via("0.0.0.0/0", "10.0.0.1", 1).withMetric(50));
        ipv4.add(onLink("10.0.0.0/24", 1));
        ipv4.add(onLink("10.2.0.0/16", 2));
        ipv4.add(via("10.2.3.0/24", "10.0.0.7", 1).withMtu(1300));
        ipv6.add(via("::/0", "fd00::1", 1));
        ipv6.add(onLink("fd00::/64", 1));
        ipv6.add(onLink("fd00:0:0:0:8000::/65", 2));
        ipv6.add(via("fd00::8000:0/104", "fd00::5", 1));
        publish();
        assertThat(nextHop("10.0.0.5")).isEqualTo("10.0.0.5 e1");
        assertThat(nextHop("10.2.200.1")).isEqualTo("10.2.200.1 e2");
        assertThat(nextHop("10.2.3.200")).isEqualTo("10.0.0.7 e1");
        assertThat(nextHop("192.0.2.1")).isEqualTo("10.0.0.1 e1");
        assertThat(nextHop("2001:db8::1")).isEqualTo("fd00::1 e1");
        assertThat(nextHop("fd00::1:7")).isEqualTo("fd00::1:7 e1");
        assertThat(nextHop("fd00::8000:0:0:7")).isEqualTo("fd00::8000:0:0:7 e2");
        assertThat(nextHop("fd00::8000:1")).isEqualTo("fd00::5 e1");
        assertThat(mtu("10.2.3.200")).isEqualTo(1300);
        assertThat(mtu("10.2.200.1")).isEqualTo(1400);
    }

    @Test
    void theLocalTableComesFirst() {
        ipv4.add(onLink("10.0.0.0/24", 1));
        ipv4.add(Route.local(Prefix.parse("10.0.0.1/32"), 1));
        ipv4.add(Route.local(Prefix.parse("172.16.0.0/12"), 1));
        ipv6.add(Route.local(Prefix.parse("fd00::1/128"), 1));
        publish();
        assertThat(isLocal("10.0.0.1")).isTrue();
        assertThat(isLocal("10.0.0.2")).isFalse();
        assertThat(isLocal("172.20.1.1")).isTrue();
        assertThat(isLocal("fd00::1")).isTrue();
        assertThat(nextHop("10.0.0.1")).isEqualTo("none");
        assertThat(tables.localAddresses())
                .containsExactlyInAnyOrder(Address.parse("10.0.0.1"), Address.parse("fd00::1"));
    }

    @Test
    void refusingRoutesAndNoRoutesAreNone() {
        ipv4.add(onLink("10.0.0.0/8", 1));
        ipv4.add(typed(Route.Type.BLACKHOLE, "10.1.0.0/16"));
        ipv4.add(typed(Route.Type.BROADCAST, "10.255.255.255/32").withTable(Route.LOCAL));
        publish();
        for (String text : List.of("10.1.0.1", "192.0.2.1", "10.255.255.255", "fd00::1")) {
            assertThat(nextHop(text)).as(text).isEqualTo("none");
            assertThat(mtu(text)).as(text).isZero();
            assertThat(source(text)).as(text).isEqualTo("none");
        }
    }

    private static Route typed(Route.Type type, String prefix) {
        return new Route(type, Prefix.parse(prefix), null, 1, null, 0, Route.MAIN, 0, List.of());
    }

    @Test
    void ofSeveralNextHopsTheFirstThatIsUp() {
        ipv4.add(
                new Route(
                        Route.Type.UNICAST,
                        Prefix.parse("0.0.0.0/0"),
                        null,
                        0,
                        null,
                        0,
                        Route.MAIN,
                        0,
                        List.of(
                                new Route.NextHop(3, Address.parse("10.3.0.1"), 1),
                                new Route.NextHop(2, Address.parse("10.2.0.1"), 1),
                                new Route.NextHop(1, Address.parse("10.1.0.1"), 1))));
        publish();
        assertThat(nextHop("192.0.2.1")).isEqualTo("10.2.0.1 e2");
        assertThat(mtu("192.0.2.1")).isEqualTo(1400);
    }

    @Test
    void theSourceIsTheRoutesOrTheInterfacesBest() {
        addresses.add(address(1, "10.0.0.1/24", 0));
        addresses.add(address(1, "10.9.0.1/24", 0));
        addresses.add(address(2, "10.2.0.1/24", 0));
        addresses.add(address(1, "fe80::1/64", 253));
        addresses.add(address(1, "fd00::1/64", 0));
        addresses.add(address(1, "fd00:9::1/64", 0));
        ipv4.add(onLink("10.0.0.0/24", 1));
        ipv4.add(onLink("10.9.0.0/24", 1));
        ipv4.add(onLink("10.3.0.0/24", 3));
        ipv4.add(onLink("10.4.0.0/24", 1).withPreferredSource(Address.parse("10.2.0.1")));
        ipv4.add(Route.local(Prefix.parse("10.0.0.1/32"), 1));
        ipv6.add(onLink("fd00:9::/64", 1));
        publish();
        assertThat(source("10.0.0.7")).isEqualTo("10.0.0.1");
        assertThat(source("10.9.0.7")).isEqualTo("10.9.0.1");
        assertThat(source("10.4.0.7")).isEqualTo("10.2.0.1");
        assertThat(source("10.0.0.1")).isEqualTo("10.0.0.1");
        assertThat(source("10.3.0.7")).as("of another interface").isNotEqualTo("none");
        assertThat(source("fd00:9::7")).isEqualTo("fd00:9::1");
    }

    private static InterfaceAddress address(int link, String prefix, int scope) {
        return new InterfaceAddress(link, Prefix.parse(prefix), scope, 0);
    }

    @Test
    void agreesWithASearchOfAllRoutes() {
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            int length = random.nextInt(33);
            int bits = random.nextInt() & (length == 0 ? 0 : -1 << 32 - length);
            ipv4.add(Route.onLink(new Prefix(Address.ipv4(bits), length), 1 + i % 2));
        }
        publish();
        for (int i = 0; i < 5000; i++) {
            int bits = random.nextInt();
            int best = -1;
            for (Route route : ipv4) {
                int length = route.destination().length();
                int mask = length == 0 ? 0 : -1 << 32 - length;
                if ((bits & mask) == (int) route.destination().address().lo()) {
                    best = Math.max(best, length);
                }
            }
            Route found = tables.snapshot().route(false, 0, bits & 0xffffffffL);
            assertThat(found.type() == Route.Type.THROW ? -1 : found.destination().length())
                    .isEqualTo(best);
        }
    }

    @Test
    void onlyUsableNeighboursAreKnownAndUseIsRemembered() {
        List<Neighbour> all = new ArrayList<>();
        for (int i = 1; i < 200; i++) {
            Address address = Address.parse("10.0.0." + i);
            all.add(new Neighbour(1, address, new MacAddress(i), i == 7 ? FAILED : REACHABLE));
        }
        all.add(new Neighbour(2, Address.parse("10.0.0.9"), new MacAddress(999), REACHABLE));
        all.add(new Neighbour(1, Address.parse("::a00:9"), new MacAddress(888), REACHABLE));
        NeighbourTable table = NeighbourTable.of(all);
        long nine = Address.parse("10.0.0.9").lo();
        assertThat(table.mac(table.find(1, false, 0, nine))).isEqualTo(9);
        assertThat(table.mac(table.find(2, false, 0, nine))).isEqualTo(999);
        assertThat(table.mac(table.find(1, true, 0, nine))).isEqualTo(888);
        assertThat(table.find(3, false, 0, nine)).isEqualTo(NeighbourTable.NONE);
        assertThat(table.find(1, false, 0, nine - 2)).isEqualTo(NeighbourTable.NONE);
        table.use(table.find(2, false, 0, nine));
        assertThat(table.takeUsed()).singleElement().returns(2, Neighbour::interfaceIndex);
        assertThat(table.takeUsed()).isEmpty();
    }

    private void learn(String text, int mtu, long nowMs) {
        Address address = Address.parse(text);
        tables.learnMtu(address.isIpv6(), address.hi(), address.lo(), mtu, nowMs);
    }

    @Test
    void whatRoutersSayOfAPathIsBelievedForTenMinutes() {
        ipv4.add(onLink("10.0.0.0/8", 1));
        ipv6.add(onLink("fd00::/64", 1));
        publish();
        int before = tables.version();
        learn("10.0.0.5", 1400, 1000);
        learn("fd00::5", 1300, 2000);
        assertThat(tables.version()).isGreaterThan(before);
        assertThat(mtu("10.0.0.5")).isEqualTo(1400);
        assertThat(mtu("fd00::5")).isEqualTo(1300);
        assertThat(mtu("10.0.0.6")).isEqualTo(1500);
        learn("10.0.0.5", 1450, 3000);
        assertThat(mtu("10.0.0.5")).as("a path does not become wider").isEqualTo(1400);
        learn("10.0.0.5", 600, 3000);
        assertThat(mtu("10.0.0.5")).isEqualTo(600);

        int learned = tables.version();
        publish();
        assertThat(mtu("10.0.0.5")).as("other changes leave it alone").isEqualTo(600);
        assertThat(tables.version()).isGreaterThan(learned);

        tables.advance(2000 + 600_000);
        assertThat(mtu("fd00::5")).isEqualTo(1500);
        assertThat(mtu("10.0.0.5")).isEqualTo(600);
        int expired = tables.version();
        tables.advance(3000 + 600_000);
        assertThat(mtu("10.0.0.5")).isEqualTo(1500);
        assertThat(tables.version()).isGreaterThan(expired);
    }

    @Test
    void pathMtusHaveAFloorAndAreWorthlessWithoutARoute() {
        ipv4.add(onLink("10.0.0.0/8", 1));
        ipv6.add(onLink("fd00::/64", 1));
        publish();
        learn("10.0.0.5", 0, 0);
        learn("fd00::5", 68, 0);
        assertThat(mtu("10.0.0.5")).isEqualTo(552);
        assertThat(mtu("fd00::5")).isEqualTo(1280);
        int version = tables.version();
        learn("192.0.2.1", 1000, 0);
        learn("10.0.0.7", 1501, 0);
        learn("10.0.0.5", 552, 1);
        assertThat(tables.version()).as("nothing new in these").isEqualTo(version);
        assertThat(mtu("192.0.2.1")).isZero();
        // said again when its time is half over it lasts longer
        learn("10.0.0.5", 552, 400_000);
        tables.advance(600_000);
        assertThat(mtu("10.0.0.5")).isEqualTo(552);
    }

    /// Whoever forges errors can fill the table; the newest are kept then.
    @Test
    void onlySoManyPathMtusAreKept() {
        ipv4.add(onLink("10.0.0.0/8", 1));
        publish();
        PathMtus mtus = PathMtus.EMPTY;
        long net = Address.parse("10.0.0.0").lo();
        for (int i = 0; i < 3000; i++) {
            mtus = mtus.with(false, 0, net + i, 1000 + i % 100, i);
        }
        assertThat(mtus.size()).isEqualTo(PathMtus.LIMIT);
        for (int i = 0; i < 3000; i++) {
            boolean kept = i >= 3000 - PathMtus.LIMIT;
            assertThat(mtus.limit(false, 0, net + i, 1500)).isEqualTo(kept ? 1000 + i % 100 : 1500);
        }
        assertThat(mtus.at(3000 + PathMtus.EXPIRES_MS).size()).isZero();
    }

    /// The packet thread asks these for every packet; interfaces have high numbers where many came
    /// and went.
    @Test
    void lookUpsAllocateNothing() {
        int index = 4711;
        ipv4.add(onLink("10.0.0.0/24", index));
        addresses.add(address(index, "10.0.0.1/24", 0));
        addresses.add(address(4000, "10.7.0.1/24", 0));
        ipv4.add(onLink("10.3.0.0/24", 4001));
        ipv4.add(
                new Route(
                        Route.Type.UNICAST,
                        Prefix.parse("0.0.0.0/0"),
                        null,
                        0,
                        null,
                        0,
                        Route.MAIN,
                        0,
                        List.of(
                                new Route.NextHop(4001, Address.parse("10.3.0.9"), 1),
                                new Route.NextHop(index, Address.parse("10.0.0.9"), 1))));
        tables.publish(
                new HostTables.Snapshot(
                        ++version,
                        List.of(link(index, true, 1500), link(4001, false, 1500)),
                        addresses,
                        ipv4,
                        ipv6));
        learn("10.0.0.7", 1400, 0);
        long near = Address.parse("10.0.0.7").lo();
        long other = Address.parse("10.3.0.7").lo();
        long far = Address.parse("192.0.2.1").lo();
        Host.Source source = new Host.Source();
        assertThat(nextHop("192.0.2.1")).isEqualTo("10.0.0.9 e" + index);
        assertThat(ask(near, other, far, source, 20_000)).isPositive();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThat(ask(near, other, far, source, 20_000)).isPositive();
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20_000);
    }

    private long ask(long near, long other, long far, Host.Source source, int rounds) {
        long sum = 0;
        for (int i = 0; i < rounds; i++) {
            sum += tables.mtu(false, 0, near) + tables.mtu(false, 0, far) + tables.version();
            sum += tables.source(false, 0, near, source) ? source.lo : 0;
            sum += tables.source(false, 0, other, source) ? source.lo : 0;
            sum += tables.isLocal(false, 0, far) ? 1 : 0;
            sum += tables.nextHop(false, 0, far, hop) ? hop.interfaceIndex : 0;
            sum += tables.nextHop(false, 0, near, hop) ? hop.interfaceIndex : 0;
        }
        return sum;
    }
}
