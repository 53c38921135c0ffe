package org.jvs.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.jvs.lab.Lab;
import org.jvs.lab.LabHost;
import org.jvs.linux.Ethtool;

/// What a veth does with redirected packets depends on its other end, which cannot be asked.
@Tag("root")
class RedirectProbeRootTest {
    private final Lab lab = Lab.create();

    @AfterEach
    void tearDown() {
        lab.close();
    }

    @Test
    void aVethPassesRedirectedPacketsOnlyToAnEndThatReceivesByItself() {
        LabHost here = lab.host("here");
        LabHost there = lab.host("there");
        lab.wire(here, "eth0", there, "eth0", true);
        setGro(there, false);
        assertThat(passes(here)).isFalse();
        setGro(there, true);
        assertThat(passes(here)).isTrue();
    }

    private static void setGro(LabHost host, boolean on) {
        try (Ethtool ethtool = Ethtool.open(host.namespace())) {
            ethtool.setOffloads("eth0", ethtool.offloads("eth0").withGro(on));
        }
    }

    private static boolean passes(LabHost host) {
        return host.call(() -> {
            try (Ethtool ethtool = Ethtool.open()) {
                return RedirectProbe.passes(ethtool, host.link("eth0"), true);
            }
        });
    }
}
