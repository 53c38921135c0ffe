package org.jvs.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.NoRouteToHostException;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.linux.InterfaceAddress;
import org.jvs.linux.Link;

/// How a director ends, and what it leaves on its host: nothing.
@Tag("root")
class DirectorLifeRootTest {
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

    /// A destination that is an address of the director's own host. Not by NAT: answers of the
    /// host's own stack do not come back through the director.
    @ParameterizedTest
    @EnumSource(names = {"DIRECT", "TUNNEL"})
    void theDirectorMayBeARealserverItself(ForwardingMethod method) throws Exception {
        for (Family family : Family.values()) {
            ServiceKey key = lab.newKey(Protocol.TCP, family);
            Address own = Address.parse(family == Family.IPV6 ? "fd00:10:2::1" : "10.10.2.1");
            try (HttpRealserver _ = HttpRealserver.start(host, key.port())) {
                lab.director()
                        .apply(
                                Services.add(key, "rr"),
                                Services.add(
                                        key, Services.destination(own, key.port(), method, 1)));
                HttpClient client =
                        new HttpClient(
                                lab.net().client(), key.address(), key.port(), EndToEnd.TIMEOUT_MS);
                assertThat(client.get("/").servedBy()).isEqualTo("director");
                assertThat(client.get("/bytes/3000000").isPattern(3_000_000)).isTrue();
                client.put(3_000_000);
            }
        }
    }

    private List<String> attached() {
        return host.netlink().links().list().stream()
                .filter(link -> link.xdp() != Link.XdpAttachment.NONE)
                .map(Link::name)
                .toList();
    }
}
