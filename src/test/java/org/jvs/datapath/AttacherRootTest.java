package org.jvs.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.jvs.lab.Lab;
import org.jvs.lab.LabHost;
import org.jvs.linux.Link;
import org.jvs.linux.LinuxException;
import org.jvs.linux.Umem;

/// In which order an interface is taken and given back.
@Tag("root")
class AttacherRootTest {
    private final Lab lab = Lab.create();
    private final LabHost here = lab.host("here");
    private final ServiceFilter filter = new ServiceFilter(new HostTables());
    private final Umem umem = Umem.allocate(64, 2048);
    private final Attacher attacher;

    AttacherRootTest() {
        lab.wire(here, "eth0", lab.host("there"), "eth0", true);
        attacher = here.call(() -> new Attacher(umem, filter.map(), false, null));
    }

    @AfterEach
    void tearDown() {
        attacher.close();
        filter.close();
        umem.close();
        lab.close();
    }

    private Port open() {
        return here.call(() -> attacher.open(here.link("eth0")));
    }

    private void attach(Port port) {
        here.namespace().run(() -> attacher.attach(port, here.link("eth0")));
    }

    private boolean hasProgram() {
        return here.link("eth0").xdp() != Link.XdpAttachment.NONE;
    }

    /// With a program but no sockets, connections to virtual addresses would be the host's, which
    /// refuses them.
    @Test
    void thereAreSocketsAsLongAsThereIsAProgram() {
        Port port = open();
        assertThat(port.sockets).isNotEmpty();
        assertThat(hasProgram()).isFalse();
        assertThat(port.isAttached()).isFalse();
        attach(port);
        assertThat(hasProgram()).isTrue();
        assertThat(port.isAttached()).isTrue();
        attacher.detach(port);
        assertThat(hasProgram()).isFalse();
        assertThat(port.sockets).allSatisfy(each -> assertThat(each.fd().value()).isPositive());
        attacher.close(port);
    }

    @Test
    void whatCannotBeAttachedToCanBeClosedAndTakenLater() {
        Port first = open();
        attach(first);
        assertThatThrownBy(this::open)
                .as("two sockets cannot have the same queue")
                .isInstanceOf(LinuxException.class);
        attacher.detach(first);
        attacher.close(first);
        Port second = open();
        attach(second);
        assertThat(hasProgram()).isTrue();
        attacher.detach(second);
        attacher.close(second);
    }

    /// A director that waits for an interface it can never have would be ready for ever and forward
    /// nothing.
    @Test
    void interfacesThatCannotBeAttachedToAreRefusedAtTheStart() {
        for (String name : List.of("lo", "eth7")) {
            assertThatThrownBy(() -> here.call(() -> Datapath.open(Set.of(name), false, _ -> {})))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + name + "'")
                    .hasMessageContaining("; there are eth0");
        }
    }

    /// Room for packets is made at the start; an MTU that rises later may need more.
    @Test
    void saysWhatToDoAboutAnMtuThatNeedsMoreRoom() {
        here.netlink().links().setMtu(here.link("eth0").index(), 3000);
        Port port = open();
        attach(port);
        assertThat(port.advice)
                .startsWith("packets longer than 1778 bytes are lost; start the director anew, or ")
                .contains("ip link set eth0 mtu 1778");
        attacher.detach(port);
        attacher.close(port);
    }
}
