package org.jvs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.jvs.conformance.host.PacketBuilder;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;

/// Two namespaces of our own joined by a veth: what netlink makes must carry real datagrams.
@Tag("root")
class NetlinkRootTest {
    private final TestNamespaces namespaces = new TestNamespaces();
    private NetworkNamespace left = namespaces.create();
    private NetworkNamespace right = namespaces.create();
    private Netlink leftNet = Netlink.open(left);
    private Netlink rightNet = Netlink.open(right);

    @BeforeEach
    void joinByVeth() {
        MacAddress mac = MacAddress.parse("02:00:00:00:00:01");
        leftNet.links()
                .createVeth(
                        LinkSpec.named("l0").withMac(mac).withMtu(1400),
                        LinkSpec.named("r0").in(right));
        leftNet.links().setUp(leftNet.links().get("l0").index());
        rightNet.links().setUp(rightNet.links().get("r0").index());
    }

    @AfterEach
    void cleanUp() {
        leftNet.close();
        rightNet.close();
        namespaces.close();
    }

    private int l0() {
        return leftNet.links().get("l0").index();
    }

    private int r0() {
        return rightNet.links().get("r0").index();
    }

    @Test
    void ipSeesTheNamespaceAndItHasAnIdentityOfItsOwn() {
        assertThat(NetworkNamespace.list()).contains(left.name(), right.name());
        assertThat(left.inode()).isNotEqualTo(right.inode());
        assertThat(left.call(NetworkNamespace::currentInode)).isEqualTo(left.inode());
        assertThat(NetworkNamespace.currentInode()).isNotEqualTo(left.inode());
        assertThatThrownBy(() -> NetworkNamespace.create(left.name()))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("EEXIST");
    }

    @Test
    void describesLinks() {
        Link link = leftNet.links().get("l0");
        assertThat(link.kind()).isEqualTo("veth");
        assertThat(link.mtu()).isEqualTo(1400);
        assertThat(link.mac()).hasToString("02:00:00:00:00:01");
        assertThat(link.isUp()).isTrue();
        assertThat(link.isEthernet()).isTrue();
        assertThat(link.peerIndex()).isEqualTo(r0());
        assertThat(link.peerNamespaceId()).isNotNegative();
        assertThat(link.xdp()).isEqualTo(Link.XdpAttachment.NONE);
        assertThat(leftNet.links().list()).extracting(Link::name).contains("lo", "l0");
        assertThat(leftNet.links().find("nosuch")).isEmpty();
    }

    @Test
    void changesLinks() {
        Links links = leftNet.links();
        links.createBridge(LinkSpec.named("br0"));
        links.createVeth(LinkSpec.named("d0"), LinkSpec.named("e0"));
        int bridge = links.get("br0").index();
        int device = links.get("d0").index();
        links.setMaster(device, bridge);
        links.setMac(device, MacAddress.parse("02:00:00:00:00:77"));
        links.setMtu(device, 1300);
        assertThat(links.get("d0").master()).isEqualTo(bridge);
        assertThat(links.get("d0").mtu()).isEqualTo(1300);
        links.setMaster(device, 0);
        links.rename(device, "d1");
        links.move(device, right);
        assertThat(links.find("d1")).isEmpty();
        assertThat(rightNet.links().get("d1").mac()).hasToString("02:00:00:00:00:77");
        links.delete(bridge);
        assertThat(links.find("br0")).isEmpty();
    }

    @Test
    void refusalsCarryTheKernelsWords() {
        assertThatThrownBy(() -> leftNet.links().createBridge(LinkSpec.named("l0")))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("create bridge l0: EEXIST");
        assertThatThrownBy(() -> leftNet.links().setMtu(l0(), 40))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("mtu less than device minimum");
        assertThatThrownBy(() ->
                        leftNet.routes()
                                .add(
                                        Route.via(
                                                Prefix.parse("10.9.0.0/16"),
                                                Address.parse("10.8.0.1"))))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("Nexthop has invalid gateway");
    }

    @Test
    void datagramsPassBothFamilies() throws Exception {
        for (String[] pair :
                new String[][] {
                    {"10.77.0.1/24", "10.77.0.2/24"}, {"fd77::1/64", "fd77::2/64"},
                }) {
            leftNet.addresses().add(l0(), Prefix.parse(pair[0]));
            rightNet.addresses().add(r0(), Prefix.parse(pair[1]));
            Address here = Prefix.parse(pair[0]).address();
            Address there = Prefix.parse(pair[1]).address();
            assertThat(leftNet.addresses().list(l0()))
                    .extracting(InterfaceAddress::prefix)
                    .contains(Prefix.parse(pair[0]));
            echo(here, there);
            assertThat(leftNet.neighbours().find(l0(), there))
                    .get()
                    .matches(Neighbour::isUsable)
                    .extracting(Neighbour::mac)
                    .isEqualTo(rightNet.links().get("r0").mac());
            leftNet.addresses().delete(l0(), Prefix.parse(pair[0]));
            assertThat(leftNet.addresses().list(l0()))
                    .extracting(InterfaceAddress::address)
                    .doesNotContain(here);
        }
    }

    private void echo(Address here, Address there) throws Exception {
        try (DatagramChannel server = right.call(DatagramChannel::open);
                DatagramChannel client = left.call(DatagramChannel::open)) {
            server.bind(new InetSocketAddress(InetAddress.getByAddress(there.toBytes()), 4000));
            client.bind(new InetSocketAddress(InetAddress.getByAddress(here.toBytes()), 0));
            client.configureBlocking(false);
            server.configureBlocking(false);
            ByteBuffer got = ByteBuffer.allocate(100);
            Awaitility.await()
                    .untilAsserted(() -> {
                        client.send(ByteBuffer.wrap(new byte[] {7}), server.getLocalAddress());
                        assertThat(server.receive(got.clear())).isEqualTo(client.getLocalAddress());
                    });
        }
    }

    @Test
    void routesAndTheKernelsAnswer() {
        leftNet.addresses().add(l0(), Prefix.parse("10.77.0.1/24"));
        leftNet.addresses().add(l0(), Prefix.parse("fd77::1/64"));
        leftNet.links().setUp(leftNet.links().get("lo").index());
        int lo = leftNet.links().get("lo").index();
        for (Address gateway : List.of(Address.parse("10.77.0.254"), Address.parse("fd77::fffe"))) {
            Family family = gateway.family();
            boolean v6 = family == Family.IPV6;
            Route standard =
                    Route.via(Prefix.any(family), gateway).withInterface(l0()).withMetric(50);
            leftNet.routes().add(standard);
            Address far = Address.parse(v6 ? "fd99::9" : "10.99.0.9");
            assertThat(leftNet.routes().lookup(far))
                    .get()
                    .satisfies(r -> {
                        assertThat(r.gateway()).isEqualTo(gateway);
                        assertThat(r.interfaceIndex()).isEqualTo(l0());
                    });
            assertThat(leftNet.routes().list(family))
                    .anyMatch(r ->
                            r.destination().length() == 0
                                    && r.metric() == 50
                                    && r.table() == Route.MAIN);
            Route local = Route.local(Prefix.host(far), lo);
            leftNet.routes().add(local);
            assertThat(leftNet.routes().lookup(far).orElseThrow().type())
                    .isEqualTo(Route.Type.LOCAL);
            leftNet.routes().delete(local);
            Route narrow = Route.onLink(Prefix.host(far), l0()).withMtu(1280);
            leftNet.routes().add(narrow);
            assertThat(leftNet.routes().lookup(far).orElseThrow().mtu()).isEqualTo(1280);
            leftNet.routes().delete(narrow);
            leftNet.routes().delete(standard);
            assertThat(leftNet.routes().lookup(far)).isEmpty();
        }
    }

    /// A rule for one server's answers, and a packet that is sent past it.
    @Test
    void rulesAndTheirWayAround() throws Exception {
        int table = 12345;
        leftNet.links().createVeth(LinkSpec.named("l1"), LinkSpec.named("r1").in(right));
        leftNet.links().setUp(leftNet.links().get("l1").index());
        rightNet.links().setUp(rightNet.links().get("r1").index());
        int l1 = leftNet.links().get("l1").index();
        for (String[] addresses :
                new String[][] {{"10.77.0.1/24", "10.77.0.2"}, {"fd77::1/64", "fd77::2"}}) {
            Prefix own = Prefix.parse(addresses[0]);
            Address there = Address.parse(addresses[1]);
            Family family = own.family();
            leftNet.addresses().add(l0(), own);
            Rule rule = new Rule(own.address(), Protocol.UDP, 7777, table, 1, 74);
            leftNet.rules().add(rule);
            assertThat(leftNet.rules().list(family)).containsExactly(rule);
            assertThatThrownBy(() -> leftNet.rules().add(rule))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("EEXIST");
            Route route =
                    new Route(
                            Route.Type.UNICAST,
                            Prefix.any(family),
                            null,
                            l1,
                            null,
                            0,
                            table,
                            1400,
                            List.of());
            leftNet.routes().add(route, true);
            leftNet.neighbours().setPermanent(l0(), there, new MacAddress(0x020000000009L));
            byte[] packet =
                    PacketBuilder.from(own.address().toString(), 7777)
                            .to(addresses[1], 9)
                            .udp()
                            .bytes();
            try (Arena arena = Arena.ofConfined();
                    PacketSocket wire = right.call(() -> PacketSocket.open(r0()));
                    PacketSender sender = left.call(() -> PacketSender.open(family))) {
                MemorySegment memory = arena.allocate(100);
                MemorySegment.copy(packet, 0, memory, ValueLayout.JAVA_BYTE, 0, packet.length);
                assertThat(sender.send(memory, 0, packet.length)).isTrue();
                byte[] frame = new byte[2000];
                Awaitility.await()
                        .until(() -> {
                            int length = wire.receive(frame, 1000);
                            return length == 14 + packet.length
                                    && frame[length - 1] == packet[packet.length - 1]
                                    && Arrays.equals(
                                            frame,
                                            14 + 20,
                                            14 + packet.length,
                                            packet,
                                            20,
                                            packet.length);
                        });
            }
            leftNet.rules().delete(rule);
            assertThat(leftNet.rules().list(family)).isEmpty();
        }
    }

    @Test
    void monitorTellsOfEverything() {
        List<NetworkChange> seen = new ArrayList<>();
        Address far = Address.parse("10.77.0.5");
        MacAddress mac = MacAddress.parse("02:00:00:00:00:05");
        try (NetlinkMonitor monitor = NetlinkMonitor.open(left)) {
            leftNet.addresses().add(l0(), Prefix.parse("10.77.0.1/24"));
            leftNet.neighbours().setPermanent(l0(), far, mac);
            leftNet.neighbours().delete(l0(), far);
            leftNet.links().setDown(l0());
            Awaitility.await()
                    .untilAsserted(() -> {
                        monitor.poll(100, seen::add);
                        assertThat(seen)
                                .anyMatch(c ->
                                        c instanceof NetworkChange.OfLink(var l, _)
                                                && l.name().equals("l0")
                                                && !l.isUp())
                                .anyMatch(c ->
                                        c instanceof NetworkChange.OfAddress(var a, boolean gone)
                                                && !gone
                                                && a.prefix().length() == 24)
                                .anyMatch(c ->
                                        c instanceof NetworkChange.OfRoute(var r, _)
                                                && r.interfaceIndex() == l0())
                                .anyMatch(c ->
                                        c instanceof NetworkChange.OfNeighbour(var n, _)
                                                && mac.equals(n.mac()));
                    });
        }
    }

    @Test
    void monitorTellsWhenItMissedSomething() {
        try (NetlinkMonitor monitor = left.call(() -> NetlinkMonitor.open(4096))) {
            for (int i = 1; i < 250; i++) {
                Address far = Address.parse("10.77.0." + i);
                leftNet.neighbours().setPermanent(l0(), far, new MacAddress(0x020000000000L + i));
            }
            List<NetworkChange> seen = new ArrayList<>();
            monitor.drain(seen::add);
            assertThat(seen).contains(new NetworkChange.Overrun());
            assertThat(leftNet.neighbours().list()).hasSizeGreaterThanOrEqualTo(249);
        }
    }

    @Test
    void theKernelResolvesNeighboursOnRequest() {
        for (String[] pair :
                new String[][] {
                    {"10.77.0.1/24", "10.77.0.2/24"}, {"fd77::1/64", "fd77::2/64"},
                }) {
            leftNet.addresses().add(l0(), Prefix.parse(pair[0]));
            rightNet.addresses().add(r0(), Prefix.parse(pair[1]));
            Address there = Prefix.parse(pair[1]).address();
            Awaitility.await()
                    .untilAsserted(() -> {
                        leftNet.neighbours().resolve(l0(), there);
                        assertThat(leftNet.neighbours().find(l0(), there))
                                .get()
                                .matches(Neighbour::isUsable);
                    });
        }
    }

    @Test
    void sysctlsAreTheNamespacesOwn() {
        left.run(() -> Sysctl.write("net/ipv4/ip_forward", "1"));
        assertThat(left.call(() -> Sysctl.read("net/ipv4/ip_forward"))).contains("1");
        assertThat(right.call(() -> Sysctl.read("net/ipv4/ip_forward"))).contains("0");
        assertThat(Sysctl.read("net/ipv4/no_such_thing")).isEmpty();
        assertThatThrownBy(() -> left.run(() -> Sysctl.write("net/ipv4/no_such_thing", "1")))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("no such setting");
    }
}
