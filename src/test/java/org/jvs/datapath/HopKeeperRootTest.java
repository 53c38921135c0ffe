package org.jvs.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvs.core.admin.DirectorStatus;
import org.jvs.core.net.Address;
import org.jvs.core.table.Destinations;
import org.jvs.datapath.program.HopLines;
import org.jvs.lab.Lab;
import org.jvs.lab.LabHost;
import org.jvs.linux.Link;
import org.jvs.linux.MacAddress;
import org.jvs.linux.Prefix;
import org.jvs.linux.Route;

/// The way to each destination is what the kernel would do, and stays that.
@Tag("root")
class HopKeeperRootTest {
    private final Lab lab = Lab.create();
    private final LabHost here = lab.host("here");
    private final LabHost there = lab.host("there");
    private final HostTables tables = new HostTables();
    private final AtomicBoolean attached = new AtomicBoolean(true);
    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final Arena arena = Arena.ofShared();
    private final Destinations destinations = new Destinations(arena, 16);
    private final HopLines lines = new HopLines(arena.allocate(HopLines.bytes(16), 64));
    private final NetworkWatcher watcher;
    private final HopKeeper keeper;
    private final MacAddress mac;
    private final MacAddress peerMac;

    HopKeeperRootTest() {
        lab.wire(here, "eth0", there, "eth0", true);
        here.address("eth0", "10.5.0.1/24");
        here.address("eth0", "fd05::1/64");
        there.address("eth0", "10.5.0.2/24");
        there.address("eth0", "fd05::2/64");
        mac = Objects.requireNonNull(here.link("eth0").mac());
        peerMac = Objects.requireNonNull(there.link("eth0").mac());
        watcher =
                lab.closing(
                        here.call(
                                () -> new NetworkWatcher(tables, new ResolveRequests(), _ -> {})));
        keeper =
                new HopKeeper(
                        tables,
                        destinations,
                        lines,
                        _ -> attached.get(),
                        _ -> true,
                        clock::get,
                        watcher::wakeup);
        watcher.serve(keeper.requests());
        here.call(() -> {
            watcher.start(
                    new NetworkWatcher.Listener() {
                        @Override
                        public void networkChanged(List<Link> links) {
                            keeper.refresh();
                        }

                        @Override
                        public void neighboursChanged() {
                            keeper.refresh();
                        }
                    });
            return watcher;
        });
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    private int add(String text) {
        Address address = Address.parse(text);
        int line = destinations.allocate();
        destinations.setIdentity(line, address.isIpv6(), address.hi(), address.lo(), 80, 0, 0);
        destinations.setFlag(line, Destinations.AVAILABLE);
        keeper.follow();
        return line;
    }

    private void assertLeadsTo(int line, MacAddress to, int mtu) {
        Awaitility.await().until(() -> lines.isUsable(line) && lines.to(line).equals(to));
        assertThat(lines.from(line)).isEqualTo(mac);
        assertThat(lines.interfaceIndex(line)).isEqualTo(here.link("eth0").index());
        assertThat(lines.mtu(line)).isEqualTo(mtu);
    }

    private void assertUnreachable(int line, String address, String reason) {
        Awaitility.await()
                .untilAsserted(() -> {
                    assertThat(lines.isUsable(line)).isFalse();
                    assertThat(keeper.unreachable())
                            .contains(new DirectorStatus.Unreachable(address, reason));
                });
    }

    @ParameterizedTest
    @CsvSource({"10.5.0.2, 10.5.0.1", "fd05::2, fd05::1"})
    void neighboursAreFoundWithoutAPacketAndFollowed(String address, String own) {
        // IPv6 addresses are tentative for a while
        Address source = Address.parse(own);
        Awaitility.await().until(() -> tables.isLocal(source.isIpv6(), source.hi(), source.lo()));
        int line = add(address);
        assertLeadsTo(line, peerMac, 1500);
        assertThat(lines.sourceHi(line)).isEqualTo(source.hi());
        assertThat(lines.sourceLo(line)).isEqualTo(source.lo());
        assertThat(keeper.unreachable()).isEmpty();

        MacAddress moved = MacAddress.parse("02:00:00:00:00:77");
        int index = here.link("eth0").index();
        here.netlink().neighbours().setPermanent(index, Address.parse(address), moved);
        assertLeadsTo(line, moved, 1500);
        here.netlink().links().setMtu(index, 1400);
        Awaitility.await().until(() -> lines.mtu(line) == 1400);

        destinations.release(line);
        keeper.follow();
        assertThat(lines.isUsable(line)).isFalse();
        assertThat(keeper.unreachable()).isEmpty();
    }

    @Test
    void routesAreFollowed() {
        int line = add("192.0.2.7");
        assertUnreachable(line, "192.0.2.7", "no route");
        here.route("192.0.2.0/24", "10.5.0.2");
        assertLeadsTo(line, peerMac, 1500);
        Route route = Route.via(Prefix.parse("192.0.2.0/24"), Address.parse("10.5.0.2"));
        here.netlink().routes().delete(route);
        assertUnreachable(line, "192.0.2.7", "no route");
        here.route("192.0.2.0/24", "10.5.0.77");
        assertUnreachable(line, "192.0.2.7", "no answer to ARP from gateway 10.5.0.77 on eth0");
    }

    @Test
    void whoDoesNotAnswerIsAskedAgain() {
        int line = add("10.5.0.77");
        assertUnreachable(line, "10.5.0.77", "no answer to ARP on eth0");
        // the server is switched on; the kernel gave up asking long ago
        there.address("eth0", "10.5.0.77/24");
        Awaitility.await()
                .until(() -> {
                    clock.addAndGet(1000);
                    keeper.advance();
                    return lines.isUsable(line);
                });
        assertLeadsTo(line, peerMac, 1500);
        assertThat(keeper.unreachable()).isEmpty();
    }

    @Test
    void onlyAttachedInterfacesCount() {
        int line = add("10.5.0.2");
        assertLeadsTo(line, peerMac, 1500);
        attached.set(false);
        keeper.refresh();
        assertUnreachable(line, "10.5.0.2", "the route leads to eth0, which is not attached");
        attached.set(true);
        keeper.refresh();
        assertThat(lines.isUsable(line)).isTrue();
        here.down("eth0");
        assertUnreachable(line, "10.5.0.2", "no route");
    }

    /// The kernel does not see a program's frames, and would forget the neighbour.
    @Test
    void neighboursCountAsUsedWithoutAPacket() {
        assertLeadsTo(add("10.5.0.2"), peerMac, 1500);
        tables.neighbours().takeUsed();
        clock.addAndGet(5000);
        keeper.advance();
        assertThat(tables.neighbours().takeUsed()).hasSize(1);
    }

    @Test
    void thisMachineIsNoNextHop() {
        int line = add("10.5.0.1");
        assertThat(lines.isUsable(line)).isFalse();
        assertThat(keeper.unreachable()).isEmpty();
    }
}
