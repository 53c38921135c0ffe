package org.jvs.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.jvs.core.net.Address;
import org.jvs.lab.Lab;
import org.jvs.lab.LabHost;
import org.jvs.linux.Link;
import org.jvs.linux.MacAddress;
import org.jvs.linux.Prefix;
import org.jvs.linux.Route;

/// The copy of the kernel's tables follows the kernel.
@Tag("root")
class NetworkWatcherRootTest {
    private static final Address FAR = Address.parse("192.0.2.7");
    private static final Address PEER = Address.parse("10.5.0.2");
    private static final Address PEER6 = Address.parse("fd05::2");

    private final Lab lab = Lab.create();
    private final LabHost here = lab.host("here");
    private final LabHost there = lab.host("there");
    private final HostTables tables = new HostTables();
    private final ResolveRequests requests = new ResolveRequests();
    private final AtomicInteger told = new AtomicInteger();
    private final int eth0;

    NetworkWatcherRootTest() {
        lab.wire(here, "eth0", there, "eth0", true);
        here.address("eth0", "10.5.0.1/24");
        here.address("eth0", "fd05::1/64");
        there.address("eth0", "10.5.0.2/24");
        there.address("eth0", "fd05::2/64");
        eth0 = here.link("eth0").index();
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    private NetworkWatcher watch() {
        return lab.closing(
                here.call(() -> {
                    NetworkWatcher watcher = new NetworkWatcher(tables, requests, _ -> {});
                    watcher.start(
                            new NetworkWatcher.Listener() {
                                @Override
                                public void networkChanged(List<Link> links) {
                                    told.incrementAndGet();
                                }

                                @Override
                                public void neighboursChanged() {
                                    told.incrementAndGet();
                                }
                            });
                    return watcher;
                }));
    }

    private int mtu(Address address) {
        return tables.mtu(address.isIpv6(), address.hi(), address.lo());
    }

    private boolean isLocal(Address address) {
        return tables.isLocal(address.isIpv6(), address.hi(), address.lo());
    }

    private int neighbour(Address address) {
        return tables.neighbours().find(eth0, address.isIpv6(), address.hi(), address.lo());
    }

    @Test
    void whatChangedBeforeSettleIsThereAfterIt() {
        NetworkWatcher watcher = watch();
        assertThat(mtu(PEER)).isEqualTo(1500);
        // the kernel enters the local route of an IPv6 address a moment after the address
        Awaitility.await().until(() -> isLocal(Address.parse("fd05::1")));
        for (int i = 0; i < 20; i++) {
            int version = tables.version();
            here.route("192.0.2.0/24", "10.5.0.2");
            watcher.settle();
            assertThat(mtu(FAR)).isEqualTo(1500);
            assertThat(tables.version()).isNotEqualTo(version);
            here.netlink().routes().delete(Route.via(Prefix.parse("192.0.2.0/24"), PEER));
            here.address("lo", FAR);
            watcher.settle();
            assertThat(isLocal(FAR)).isTrue();
            here.removeAddress("lo", FAR);
            watcher.settle();
            assertThat(isLocal(FAR)).isFalse();
            assertThat(mtu(FAR)).isZero();
        }
        here.netlink().links().setMtu(eth0, 1300);
        watcher.settle();
        assertThat(mtu(PEER)).isEqualTo(1300);
        here.down("eth0");
        watcher.settle();
        assertThat(mtu(PEER)).isZero();
        assertThat(told.get()).isGreaterThan(40);
    }

    @Test
    void neighboursAreFoundFollowedAndForgotten() {
        NetworkWatcher watcher = watch();
        long mac = java.util.Objects.requireNonNull(there.link("eth0").mac()).bits();
        for (Address peer : List.of(PEER, PEER6)) {
            assertThat(neighbour(peer)).isEqualTo(NeighbourTable.NONE);
            assertThat(requests.put(eth0, peer.isIpv6(), peer.hi(), peer.lo())).isTrue();
            watcher.wakeup();
            Awaitility.await().until(() -> neighbour(peer) != NeighbourTable.NONE);
            assertThat(tables.neighbours().mac(neighbour(peer))).isEqualTo(mac);

            MacAddress moved = MacAddress.parse("02:00:00:00:00:77");
            here.netlink().neighbours().setPermanent(eth0, peer, moved);
            watcher.settle();
            assertThat(tables.neighbours().mac(neighbour(peer))).isEqualTo(moved.bits());
            here.netlink().neighbours().delete(eth0, peer);
            watcher.settle();
            assertThat(neighbour(peer)).isEqualTo(NeighbourTable.NONE);
        }
        // nobody there: it is asked for, and never becomes known
        Address nobody = Address.parse("10.5.0.77");
        assertThat(requests.put(eth0, false, 0, nobody.lo())).isTrue();
        watcher.wakeup();
        Awaitility.await().until(() -> here.netlink().neighbours().find(eth0, nobody).isPresent());
        assertThat(neighbour(nobody)).isEqualTo(NeighbourTable.NONE);
    }
}
