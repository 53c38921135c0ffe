package org.jvs.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.linux.InterfaceAddress;
import org.jvs.linux.Link;
import org.jvs.linux.Prefix;
import org.jvs.linux.Route;
import org.jvs.linux.Rule;

/// How a director ends, and what it leaves on its host: nothing.
@Tag("root")
class DirectorLifeRootTest {
    private static final long MB = 1_000_000;

    private final EndToEnd lab;
    private final LabHost host;
    private final List<InterfaceAddress> before;

    DirectorLifeRootTest() throws Exception {
        lab = new EndToEnd(Topology.Options.of(ForwardingMethod.NAT).withRealservers(1));
        host = lab.net().director();
        before = host.netlink().addresses().list();
    }

    @AfterEach
    void tearDown() {
        lab.close();
    }

    @Test
    void killedItLeavesNothingAndStartedAgainItForwards() throws Exception {
        assertThat(lab.web(Family.IPV4).ask(3)).containsEntry("rs1", 3);
        assertThat(attached()).isNotEmpty();
        lab.director().kill();
        // the kernel detaches a program when the last descriptor of its link is closed
        Awaitility.await().untilAsserted(() -> assertThat(attached()).isEmpty());
        assertThat(host.netlink().addresses().list()).isEqualTo(before);

        lab.restartDirector();
        assertThat(lab.web(Family.IPV4).ask(3)).containsEntry("rs1", 3);
        assertThat(lab.web(Family.IPV6).ask(3)).containsEntry("rs1", 3);
    }

    @Test
    void stoppedItEndsWellAndLeavesNothing() throws Exception {
        assertThat(lab.director().readyLine()).startsWith("ready");
        assertThat(lab.web(Family.IPV4).ask(3)).containsEntry("rs1", 3);
        assertThat(lab.director().stop()).isZero();
        assertThat(attached()).isEmpty();
        assertThat(host.netlink().addresses().list()).isEqualTo(before);
    }

    /// As a script does that starts the director first and makes the network later.
    @Test
    void interfacesMayComeLaterAndGoAgain() throws Exception {
        EndToEnd.Web web = lab.web(Family.IPV4);
        assertThat(web.ask(3)).containsEntry("rs1", 3);
        for (int round = 0; round < 2; round++) {
            lab.net().replugDirector();
            Awaitility.await().untilAsserted(() -> assertThat(attached()).hasSize(2));
            // attached is not yet forwarding: until then the host refuses
            Awaitility.await()
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(() -> assertThat(web.ask(3)).containsEntry("rs1", 3));
        }
    }

    /// From the moment the program is on an interface it takes what is for virtual addresses, and
    /// the host no longer refuses it.
    @Test
    void attachedItRefusesNobody() throws Exception {
        EndToEnd.Web web = lab.web(Family.IPV4);
        // so that the address is a virtual one before the interface is there
        host.address("lo", Topology.vip(Family.IPV4));
        for (int round = 0; round < 5; round++) {
            lab.net().replugDirector();
            while (attached().size() < 2) {
                Thread.onSpinWait();
            }
            // routes and addresses of the new interfaces come a moment later
            Awaitility.await()
                    .ignoreException(NoRouteToHostException.class)
                    .untilAsserted(() -> assertThat(web.ask(3)).containsEntry("rs1", 3));
        }
    }

    /// A destination that is an address of the director's own host: by NAT on another port.
    @ParameterizedTest
    @EnumSource(names = {"NAT", "DIRECT", "TUNNEL"})
    void theDirectorMayBeARealserverItself(ForwardingMethod method) throws Exception {
        for (Family family : Family.values()) {
            ServiceKey key = lab.newKey(Protocol.TCP, family);
            int port = method == ForwardingMethod.NAT ? key.port() + 10_000 : key.port();
            try (HttpRealserver _ = HttpRealserver.start(host, port)) {
                lab.director()
                        .apply(
                                Services.add(key, "rr"),
                                Services.add(
                                        key, Services.destination(own(family), port, method, 1)));
                HttpClient client = client(key.address(), key.port());
                assertThat(client.get("/").servedBy()).isEqualTo("director");
                assertThat(client.get("/bytes/" + 16 * MB).isPattern(16 * MB)).isTrue();
                client.put(16 * MB);
            }
        }
    }

    private HttpClient client(Address address, int port) {
        return new HttpClient(lab.net().client(), address, port, EndToEnd.TIMEOUT_MS);
    }

    private static Address own(Family family) {
        return Address.parse(family == Family.IPV6 ? "fd00:10:2::1" : "10.10.2.1");
    }

    /// As by NAT to any realserver: the client hears of the virtual address only.
    @ParameterizedTest
    @EnumSource
    void theDirectorsOwnUdpServerAnswersAsTheVirtualAddress(Family family) throws Exception {
        ServiceKey key = lab.newKey(Protocol.UDP, family);
        int port = key.port() + 10_000;
        UdpEcho echo = UdpEcho.start(host, List.of(own(family)), port);
        addOwn(key, port);
        assertThat(askUdp(key.address(), key.port())).isEqualTo("director:hello");
        assertThat(askUdp(own(family), port)).isEqualTo("director:hello");
        echo.close();
        // nobody listens now, and the host's "port unreachable" is translated too
        assertThatThrownBy(() -> askUdp(key.address(), key.port()))
                .isInstanceOf(PortUnreachableException.class);
        assertThatThrownBy(() -> askUdp(own(family), port))
                .isInstanceOf(PortUnreachableException.class);
    }

    private String askUdp(Address address, int port) throws IOException {
        return UdpEcho.ask(lab.net().client(), address, port, 0, "hello", EndToEnd.TIMEOUT_MS);
    }

    private void addOwn(ServiceKey key, int port) throws IOException {
        lab.director()
                .apply(
                        Services.add(key, "rr"),
                        Services.add(
                                key,
                                Services.destination(
                                        own(key.address().family()),
                                        port,
                                        ForwardingMethod.NAT,
                                        1)));
    }

    /// Those who speak to the server directly notice nothing, with a director, without, and while
    /// one comes and goes.
    @ParameterizedTest
    @EnumSource
    void theDirectorsOwnServerIsReachedDirectlyToo(Family family) throws Exception {
        ServiceKey key = lab.newKey(Protocol.TCP, family);
        int port = key.port() + 10_000;
        try (HttpRealserver _ = HttpRealserver.start(host, port);
                HttpClient.Connection early = client(own(family), port).connect()) {
            assertThat(early.get("/").servedBy()).isEqualTo("director");
            addOwn(key, port);
            assertThat(rules()).isNotEmpty();
            HttpClient direct = client(own(family), port);
            HttpClient virtual = client(key.address(), key.port());
            assertThat(early.get("/bytes/1000000").isPattern(1_000_000)).isTrue();
            assertThat(direct.get("/bytes/" + 16 * MB).isPattern(16 * MB)).isTrue();
            direct.put(16 * MB);
            assertThat(virtual.get("/").servedBy()).isEqualTo("director");

            lab.director().kill();
            assertThat(early.get("/bytes/1000000").isPattern(1_000_000)).isTrue();
            assertThat(direct.get("/bytes/1000000").isPattern(1_000_000)).isTrue();
            // it had no chance to remove them; they lead nowhere, and the next one does
            assertThat(rules()).isNotEmpty();
            lab.restartDirector();
            assertThat(rules()).isEmpty();

            addOwn(key, port);
            assertThat(virtual.get("/").servedBy()).isEqualTo("director");
            assertThat(early.get("/").servedBy()).isEqualTo("director");
            assertThat(rules()).isNotEmpty();
            assertThat(lab.director().stop()).isZero();
            assertThat(rules()).isEmpty();
            assertThat(early.get("/").servedBy()).isEqualTo("director");
        }
    }

    /// What its own server sends is told of a narrow way to the client, or cut for it.
    @ParameterizedTest
    @EnumSource
    void theDirectorsOwnServerHeedsTheWayToTheClient(Family family) throws Exception {
        ServiceKey key = lab.newKey(Protocol.TCP, family);
        int port = key.port() + 10_000;
        Address far = Address.parse(family == Family.IPV6 ? "fd00:10:1::2" : "10.10.1.2");
        int eth0 = host.link("eth0").index();
        host.netlink().routes().add(Route.onLink(Prefix.host(far), eth0).withMtu(1300));
        try (HttpRealserver _ = HttpRealserver.start(host, port)) {
            addOwn(key, port);
            for (HttpClient client :
                    List.of(client(key.address(), key.port()), client(own(family), port))) {
                assertThat(client.get("/bytes/" + 4 * MB).isPattern(4 * MB)).isTrue();
                client.put(4 * MB);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theDirectorsOwnServerServesManyAtOnce(Family family) throws Exception {
        ServiceKey key = lab.newKey(Protocol.TCP, family);
        int port = key.port() + 10_000;
        try (HttpRealserver _ = HttpRealserver.start(host, port)) {
            addOwn(key, port);
            List<Callable<Boolean>> transfers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                HttpClient virtual = client(key.address(), key.port());
                HttpClient direct = client(own(family), port);
                transfers.add(() -> virtual.get("/bytes/1000000").isPattern(1_000_000));
                transfers.add(() -> direct.get("/bytes/1000000").isPattern(1_000_000));
            }
            assertThat(EndToEnd.atOnce(transfers)).hasSize(40).doesNotContain(false);
        }
    }

    /// Rules follow the services and the host's addresses.
    @Test
    void rulesForTheDirectorsOwnServersComeAndGo() throws Exception {
        ServiceKey key = lab.newKey(Protocol.TCP, Family.IPV4);
        Address later = Address.parse("10.10.2.77");
        lab.director()
                .apply(
                        Services.add(key, "rr"),
                        Services.add(
                                key,
                                Services.destination(
                                        later, key.port() + 10_000, ForwardingMethod.NAT, 1)));
        assertThat(rules()).isEmpty();
        host.address("eth1", later);
        Awaitility.await().untilAsserted(() -> assertThat(rules()).hasSize(1));
        host.removeAddress("eth1", later);
        Awaitility.await().untilAsserted(() -> assertThat(rules()).isEmpty());
        host.address("eth1", later);
        Awaitility.await().untilAsserted(() -> assertThat(rules()).hasSize(1));
        lab.director().apply(new Command.Flush());
        assertThat(rules()).isEmpty();
    }

    /// What the host's rules say about packets that it sends from one of its addresses.
    private List<Rule> rules() {
        return Stream.of(Family.values())
                .flatMap(family -> host.netlink().rules().list(family).stream())
                .toList();
    }

    private List<String> attached() {
        return host.netlink().links().list().stream()
                .filter(link -> link.xdp() != Link.XdpAttachment.NONE)
                .map(Link::name)
                .toList();
    }
}
