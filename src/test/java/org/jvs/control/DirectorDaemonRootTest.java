package org.jvs.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.DirectorStatus;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;
import org.jvs.datapath.AttachedProgram;
import org.jvs.lab.HttpClient;
import org.jvs.lab.HttpRealserver;
import org.jvs.lab.Lab;
import org.jvs.lab.LabHost;
import org.jvs.lab.Services;
import org.jvs.linux.Link;
import org.jvs.linux.Prefix;

/// A director in this JVM and what happens around it: interfaces, addresses and neighbours that
/// come and go, its host's own servers, a second director.
///
/// client 10.1.0.2 -- eth0 10.1.0.1 DIRECTOR 10.2.0.1 eth1 -- server 10.2.0.2, IPv6 alike
@Tag("root")
class DirectorDaemonRootTest {
    private static final String VIP = "10.1.0.100";
    private static final String VIP6 = "fd01::100";
    private static final int PORT = 80;

    private final Lab lab = Lab.create();
    private final LabHost client = lab.host("client");
    private final LabHost director = lab.host("director");
    private final LabHost server = lab.host("server");
    private final List<String> log = new CopyOnWriteArrayList<>();

    DirectorDaemonRootTest() throws IOException {
        lab.wire(client, "eth0", director, "eth0", true);
        client.address("eth0", "10.1.0.2/24");
        client.address("eth0", "fd01::2/64");
        address("eth0");
        director.address("eth0", Address.parse(VIP));
        director.address("eth0", Address.parse(VIP6));
        director.sysctl("net/ipv4/ip_forward", "0");
        lab.closing(HttpRealserver.start(server, 8080));
    }

    private void address(String clientSide) {
        director.address(clientSide, "10.1.0.1/24");
        director.address(clientSide, "fd01::1/64");
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    private void connectServer() {
        lab.wire(server, "eth0", director, "eth1", true);
        director.address("eth1", "10.2.0.1/24");
        director.address("eth1", "fd02::1/64");
        server.address("eth0", "10.2.0.2/24");
        server.address("eth0", "fd02::2/64");
        server.route("0.0.0.0/0", "10.2.0.1");
        server.route("::/0", "fd02::1");
    }

    private DirectorDaemon start(Set<String> interfaces, boolean generic) throws IOException {
        var options = new DirectorDaemon.Options(interfaces, generic, 1 << 14, false);
        return lab.closing(director.call(() -> DirectorDaemon.start(options, log::add)));
    }

    private static ServiceKey service(String vip, int port) {
        return ServiceKey.virtual(Protocol.TCP, Address.parse(vip), port);
    }

    private static void serve(
            DirectorDaemon daemon, ServiceKey key, String to, int port, ForwardingMethod method) {
        apply(
                daemon,
                Services.add(key, "rr"),
                Services.add(key, Services.destination(Address.parse(to), port, method, 1)));
    }

    private static void apply(DirectorDaemon daemon, Command... commands) {
        assertThat(daemon.admin().apply(List.of(commands))).containsOnly(Outcome.OK);
    }

    private void serveByNat(DirectorDaemon daemon) {
        serve(daemon, service(VIP, PORT), "10.2.0.2", 8080, ForwardingMethod.NAT);
        serve(daemon, service(VIP6, PORT), "fd02::2", 8080, ForwardingMethod.NAT);
    }

    private HttpClient http(String vip, int port) {
        return new HttpClient(client, Address.parse(vip), port, 5000);
    }

    private void assertServed(String by) throws IOException {
        for (String vip : List.of(VIP, VIP6)) {
            HttpClient.Answer answer = http(vip, PORT).get("/bytes/300000");
            assertThat(answer.servedBy()).isEqualTo(by);
            assertThat(answer.isPattern(300_000)).isTrue();
        }
    }

    @Test
    void unreachableDestinationsShowUntilTheyAreReached() throws Exception {
        try (DirectorDaemon daemon = start(Set.of(), false)) {
            serve(daemon, service(VIP, PORT), "10.2.0.2", 8080, ForwardingMethod.NAT);
            assertThat(daemon.admin().status().unreachable())
                    .containsExactly(new DirectorStatus.Unreachable("10.2.0.2", "no route"));
            assertThat(daemon.admin().status().uptimeSeconds()).isLessThan(3600);
            connectServer();
            Awaitility.await().until(() -> daemon.admin().status().unreachable().isEmpty());
        }
    }

    @Test
    void tablesThatDoNotFitIntoMapsAreRefusedBeforeAnythingIsTouched() {
        var options = new DirectorDaemon.Options(Set.of(), false, 1 << 23, false);
        assertThatThrownBy(() -> director.call(() -> DirectorDaemon.start(options, log::add)))
                .hasMessageContaining("IPv6 connections, 513 MiB of the kernel's memory")
                .hasMessageContaining("less than 512 MiB");
        assertThat(log).isEmpty();
        assertThat(director.link("eth0").xdpProgramId()).isZero();
    }

    @Test
    void tellsWhichProgramsItsInterfacesRun() throws Exception {
        try (DirectorDaemon _ = start(Set.of(), false);
                ControlClient client = director.call(ControlClient::connect)) {
            List<AttachedProgram> programs =
                    AttachedProgram.parse(client.query("program", List.of()));
            assertThat(programs).isNotEmpty();
            AttachedProgram first = programs.getFirst();
            String mac = String.valueOf(director.link(first.interfaceName()).mac());
            assertThat(first.listing().toString())
                    .contains("; for us? " + mac, "map[jvs_filter]", "call redirect_map");
        }
    }

    @Test
    void interfacesThatComeAndGoAreFollowed() throws IOException {
        DirectorDaemon daemon = start(Set.of(), false);
        assertThat(daemon.interfaces()).containsExactly("eth0 native");
        serveByNat(daemon);
        connectServer();
        Awaitility.await()
                .until(() -> daemon.interfaces().equals(List.of("eth0 native", "eth1 native")));
        assertServed("server");

        director.down("eth1");
        Awaitility.await().until(() -> daemon.interfaces().equals(List.of("eth0 native")));
        assertThat(director.link("eth1").xdp()).isEqualTo(Link.XdpAttachment.NONE);
        director.up("eth1");
        director.address("eth1", "fd02::1/64"); // IPv6 addresses went with the link
        Awaitility.await().until(() -> daemon.interfaces().size() == 2);
        assertServed("server");

        director.netlink().links().delete(director.link("eth1").index());
        Awaitility.await().until(() -> daemon.interfaces().equals(List.of("eth0 native")));
        connectServer();
        Awaitility.await().until(() -> daemon.interfaces().size() == 2);
        assertServed("server");
        assertThat(daemon.check()).as("faults in the tables").isEmpty();
    }

    @Test
    void genericModeForwardsToo() throws IOException {
        connectServer();
        DirectorDaemon daemon = start(Set.of("eth0", "eth1"), true);
        assertThat(daemon.interfaces()).containsExactly("eth0 generic", "eth1 generic");
        serveByNat(daemon);
        assertServed("server");
    }

    @Test
    void aBridgeIsAttachedToAndNotItsPorts() throws IOException {
        connectServer();
        director.bridge("br0");
        int eth0 = director.link("eth0").index();
        // neighbour discovery answers only for addresses of the interface that was asked
        for (String prefix : List.of("10.1.0.1/24", "fd01::1/64", VIP6 + "/128")) {
            director.netlink().addresses().delete(eth0, Prefix.parse(prefix));
        }
        director.plug("eth0", "br0");
        address("br0");
        director.address("br0", Address.parse(VIP6));
        DirectorDaemon daemon = start(Set.of(), false);
        assertThat(daemon.interfaces()).containsExactly("br0 generic", "eth1 native");
        serveByNat(daemon);
        assertServed("server");
    }

    @Test
    void theHostsOwnServersAreLocalNodesAndItsPortsStayItsOwn() throws IOException {
        DirectorDaemon daemon = start(Set.of(), false);
        lab.closing(HttpRealserver.start(director, PORT));
        serve(daemon, service(VIP, PORT), VIP, PORT, ForwardingMethod.DIRECT);
        serve(daemon, service(VIP6, PORT), VIP6, PORT, ForwardingMethod.DIRECT);
        for (int i = 0; i < 20; i++) {
            assertThat(http("10.1.0.1", PORT).get("/").servedBy()).isEqualTo("director");
            assertThatThrownBy(() -> http(VIP, 22).get("/")).hasMessageContaining("refused");
        }
        assertThat(jvs0(daemon).sent()).as("what is no service's is not handed up").isZero();
        assertServed("director");
        assertThat(daemon.admin().totals().connections()).isEqualTo(2);
        assertThat(jvs0(daemon).sent()).isPositive();
    }

    private static DirectorStatus.Interface jvs0(DirectorDaemon daemon) {
        return daemon.admin().status().interfaces().stream()
                .filter(each -> each.name().equals("jvs0"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatTheEngineGivesBackTheHostAnswers() throws IOException {
        connectServer();
        DirectorDaemon daemon = start(Set.of(), false);
        serveByNat(daemon);
        apply(
                daemon,
                Services.add(service(VIP, 81), "rr"),
                Services.add(service(VIP6, 81), "rr"),
                new Command.SetSetting("expire_nodest_conn", "1"));
        for (String vip : List.of(VIP, VIP6)) {
            try (HttpClient.Connection connection = http(vip, PORT).connect()) {
                assertThat(connection.get("/").servedBy()).isEqualTo("server");
                apply(daemon, new Command.DeleteService(service(vip, PORT)));
                // the entry goes with the next packet, which the host then knows nothing of
                assertThatThrownBy(() -> connection.get("/")).hasMessageContaining("reset");
            }
        }
        Awaitility.await().until(() -> jvs0(daemon).sent() >= 2);
        assertThat(jvs0(daemon).dropped()).isZero();
    }

    @Test
    void missingNeighboursAndRoutesAreCounted() throws IOException {
        connectServer();
        DirectorDaemon daemon = start(Set.of(), false);
        serve(daemon, service(VIP, 81), "10.2.0.77", 80, ForwardingMethod.NAT);
        serve(daemon, service(VIP, 82), "203.0.113.1", 80, ForwardingMethod.NAT);
        assertThatThrownBy(() -> new HttpClient(client, Address.parse(VIP), 81, 1500).get("/"))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> http(VIP, 82).get("/")).isInstanceOf(IOException.class);
        Awaitility.await().until(() -> reasons(daemon).contains("NO_NEIGHBOUR"));
        assertThat(reasons(daemon)).contains("NO_ROUTE");
    }

    private static List<String> reasons(DirectorDaemon daemon) {
        return daemon.admin().status().reasons().stream()
                .map(DirectorStatus.ReasonCount::reason)
                .toList();
    }

    @Test
    void addressesThatComeLaterMakeServicesWork() throws IOException {
        connectServer();
        DirectorDaemon daemon = start(Set.of(), false);
        String late = "10.1.0.200";
        serve(daemon, service(late, PORT), "10.2.0.2", 8080, ForwardingMethod.NAT);
        director.address("lo", Address.parse(late));
        client.route(late + "/32", "10.1.0.1");
        Awaitility.await()
                .ignoreExceptions()
                .until(() -> http(late, PORT).get("/").servedBy().equals("server"));
    }

    @Test
    void thereIsOneDirectorAndItLeavesNothing() throws IOException {
        List<String> before = links();
        DirectorDaemon daemon = start(Set.of(), false);
        assertThat(links()).contains("jvs0");
        assertThatThrownBy(() -> start(Set.of(), false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("already runs a director");
        assertThat(daemon.interfaces()).containsExactly("eth0 native");
        daemon.close();
        assertThat(links()).isEqualTo(before);
        assertThat(director.link("eth0").xdp()).isEqualTo(Link.XdpAttachment.NONE);
        start(Set.of(), false).close();
        assertThat(links()).isEqualTo(before);
    }

    @Test
    void anInterfaceThatDoesNotExistIsAnError() {
        assertThatThrownBy(() -> start(Set.of("eth7"), false))
                .hasMessageContaining("there is no interface 'eth7'")
                .hasMessageContaining("eth0");
    }

    private List<String> links() {
        return new ArrayList<>(
                director.netlink().links().list().stream().map(Link::name).sorted().toList());
    }
}
