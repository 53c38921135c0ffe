package org.jvs.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvs.control.ControlClient;
import org.jvs.core.admin.DirectorStatus;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.Stats;
import org.jvs.core.net.Family;

/// End to end by network address translation, established connections by the compiled program.
class CompiledNatForwardingRootTest extends ForwardingContract {
    CompiledNatForwardingRootTest() {
        super(ForwardingMethod.NAT, "--compiled");
    }

    /// Of a large body only the first packets of its connection come to the Java engine, and all
    /// are counted.
    @ParameterizedTest
    @EnumSource
    void establishedConnectionsStayInTheKernel(Family family) throws Exception {
        EndToEnd.Web web = lab().web(family);
        web.client().get("/"); // neighbours are known now
        long before = taken();
        assertThat(web.client().get("/bytes/8000000").isPattern(8_000_000)).isTrue();
        assertThat(taken() - before).as("packets that the Java engine took").isLessThan(100);
        Stats stats = lab().listing(web.key()).stats();
        assertThat(stats.outPackets()).isGreaterThan(8_000_000 / 1448);
        assertThat(stats.outBytes()).isGreaterThan(8_000_000);
    }

    /// Packets that came up to the packet thread.
    private long taken() throws Exception {
        try (ControlClient client = lab().director().connect()) {
            return client.status().interfaces().stream()
                    .mapToLong(DirectorStatus.Interface::received)
                    .sum();
        }
    }
}
