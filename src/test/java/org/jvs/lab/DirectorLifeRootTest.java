package org.jvs.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.net.Family;
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

    private List<String> attached() {
        return host.netlink().links().list().stream()
                .filter(link -> link.xdp() != Link.XdpAttachment.NONE)
                .map(Link::name)
                .toList();
    }
}
