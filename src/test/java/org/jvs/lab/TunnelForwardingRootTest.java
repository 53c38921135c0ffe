package org.jvs.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;

/// End to end by IPIP tunnels; the realservers decapsulate in user space.
class TunnelForwardingRootTest extends ForwardingContract {
    TunnelForwardingRootTest() {
        super(ForwardingMethod.TUNNEL);
    }

    @ParameterizedTest
    @EnumSource
    void tunnelMayBeOfTheOtherFamily(Family family) throws Exception {
        Family outer = family == Family.IPV4 ? Family.IPV6 : Family.IPV4;
        EndToEnd.Web web = lab().web(family, outer, key -> Services.add(key, "rr"));
        EndToEnd.assertEqualShares(web.ask(30), 10);
        assertThat(web.client().get("/bytes/8000000").isPattern(8_000_000)).isTrue();
        web.client().put(8_000_000);
    }

    /// A realserver behind a router with a narrow link. The client believes what its own server
    /// says its MTU is, and that the tunnel's header comes on top only the director can tell it,
    /// once the router has told the director.
    @Test
    void aRoutersWordAboutTheTunnelIsRemembered() throws Exception {
        Topology net = lab().net();
        LabHost router = net.realservers().getFirst();
        LabHost far = net.lab().host("far");
        net.lab().wire(router, "narrow", far, "eth0", true);
        router.netlink().links().setMtu(router.link("narrow").index(), 1300);
        far.netlink().links().setMtu(far.link("eth0").index(), 1300);
        router.address("narrow", "10.10.9.1/24");
        router.forward();
        // the virtual address is the router's own as well, being a realserver
        router.sysctl("net/ipv4/conf/narrow/accept_local", "1");
        far.hideLoopbackAddresses();
        far.address("eth0", "10.10.9.2/24");
        far.address("lo", Topology.vip(Family.IPV4));
        far.route("0.0.0.0/0", "10.10.9.1");
        net.director().route("10.10.9.0/24", "10.10.2.11");
        net.lab().closing(far.call(() -> Decapsulator.start(far.netlink())));

        ServiceKey key = lab().newKey(Protocol.TCP, Family.IPV4);
        try (HttpRealserver _ = HttpRealserver.start(far, key.port())) {
            lab().director()
                    .apply(
                            Services.add(key, "rr"),
                            Services.add(
                                    key,
                                    Services.destination(
                                            Address.parse("10.10.9.2"),
                                            key.port(),
                                            ForwardingMethod.TUNNEL,
                                            1)));
            HttpClient client =
                    new HttpClient(net.client(), key.address(), key.port(), EndToEnd.TIMEOUT_MS);
            assertThat(client.get("/").servedBy()).isEqualTo("far");
            client.put(2_000_000);
        }
    }
}
