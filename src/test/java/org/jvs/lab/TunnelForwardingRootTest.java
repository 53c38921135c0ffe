package org.jvs.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.net.Family;

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
}
