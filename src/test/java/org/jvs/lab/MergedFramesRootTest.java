package org.jvs.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.net.Family;

/// Veths as `ip link add` makes them: packets reach the director with checksums that only hold the
/// pseudo-header's sum, and TCP segments merged to 64 KB. Whoever tries the director in network
/// namespaces has such, and must not have to know.
@Tag("root")
class MergedFramesRootTest {
    @ParameterizedTest
    @EnumSource(names = {"NAT", "DIRECT", "TUNNEL"})
    void transfersSurviveOffloadsLeftOn(ForwardingMethod method) throws Exception {
        try (EndToEnd lab = new EndToEnd(Topology.Options.of(method).withPlainWires(false))) {
            for (Family family : Family.values()) {
                EndToEnd.Web web = lab.web(family);
                EndToEnd.assertEqualShares(web.ask(9), 3);
                web.client().put(16_000_000);
                assertThat(web.client().get("/bytes/32000000").isPattern(32_000_000)).isTrue();
                var udp = lab.udpEcho(family);
                assertThat(
                                UdpEcho.ask(
                                        lab.net().client(),
                                        udp.address(),
                                        udp.port(),
                                        0,
                                        "hello",
                                        EndToEnd.TIMEOUT_MS))
                        .endsWith(":hello");
            }
        }
    }
}
