package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.jvs.ebpf.Assembler;
import org.jvs.ebpf.Helper;
import org.jvs.ebpf.Program;
import org.jvs.ebpf.Register;
import org.jvs.ebpf.Size;
import org.jvs.ebpf.Xdp;

/// client (c0) -- (d0) middle (d1) -- (s0) server: the middle is a wire made of two AF_XDP sockets
/// that share their frames, so that ARP, neighbour discovery and UDP all have to pass it.
@Tag("root")
class XdpSocketRootTest {
    private static final int FRAMES = 512;
    private static final int RING = 128;

    private final TestNamespaces namespaces = new TestNamespaces();
    private NetworkNamespace client = namespaces.create();
    private NetworkNamespace middle = namespaces.create();
    private NetworkNamespace server = namespaces.create();
    private int d0;
    private int d1;

    @BeforeEach
    void build() {
        try (Netlink middleNet = Netlink.open(middle)) {
            for (String[] pair : new String[][] {{"d0", "c0"}, {"d1", "s0"}}) {
                NetworkNamespace far = pair[1].equals("c0") ? client : server;
                middleNet
                        .links()
                        .createVeth(LinkSpec.named(pair[0]), LinkSpec.named(pair[1]).in(far));
                middleNet.links().setUp(middleNet.links().get(pair[0]).index());
                String host = pair[1].equals("c0") ? "1" : "2";
                try (Netlink farNet = Netlink.open(far);
                        Ethtool ethtool = Ethtool.open(far)) {
                    int index = farNet.links().get(pair[1]).index();
                    farNet.addresses().add(index, Prefix.parse("10.78.0." + host + "/24"));
                    farNet.addresses().add(index, Prefix.parse("fd78::" + host + "/64"));
                    farNet.links().setUp(index);
                    // A partial checksum that leaves by AF_XDP arrives broken.
                    ethtool.setOffloads(pair[1], ethtool.offloads(pair[1]).withTxChecksum(false));
                }
            }
            d0 = middleNet.links().get("d0").index();
            d1 = middleNet.links().get("d1").index();
        }
    }

    @AfterEach
    void cleanUp() {
        namespaces.close();
    }

    private static Program redirectToSockets(BpfMap sockets) {
        return new Assembler()
                .note("to the socket of this queue; PASS if there is none")
                .load(Size.WORD, Register.R2, Register.R1, Xdp.RX_QUEUE_INDEX)
                .loadMap(Register.R1, sockets.fd().value())
                .mov(Register.R3, Xdp.PASS)
                .call(Helper.REDIRECT_MAP)
                .exit()
                .assemble("jvs_wire");
    }

    private static XdpLink attach(BpfMap sockets, int link, XdpLink.Mode mode) {
        Program program = redirectToSockets(sockets);
        try (BpfProgram loaded =
                BpfProgram.loadXdp(program.name(), program.code(), program.listing())) {
            return XdpLink.attach(loaded, link, mode);
        }
    }

    @Test
    void framesPassBetweenInterfacesWithoutACopyOfOursNative() throws Exception {
        wire(XdpLink.Mode.NATIVE);
    }

    @Test
    void framesPassBetweenInterfacesWithoutACopyOfOursGeneric() throws Exception {
        wire(XdpLink.Mode.GENERIC);
    }

    private void wire(XdpLink.Mode mode) throws Exception {
        AtomicInteger moved = new AtomicInteger();
        try (Umem umem = Umem.allocate(FRAMES, 2048);
                EventFd stop = new EventFd()) {
            Thread wire = middle.thread("wire", () -> runWire(umem, mode, stop, moved));
            wire.start();
            try {
                for (String prefix : new String[] {"10.78.0.", "fd78::"}) {
                    echo(prefix + "1", prefix + "2");
                }
            } finally {
                stop.signal();
                wire.join();
            }
        }
        assertThat(moved.get()).isGreaterThan(1000);
        try (Netlink net = Netlink.open(middle)) {
            assertThat(net.links().get("d0").xdp()).isEqualTo(Link.XdpAttachment.NONE);
        }
    }

    private void echo(String from, String to) throws Exception {
        try (DatagramChannel far = server.call(DatagramChannel::open);
                DatagramChannel near = client.call(DatagramChannel::open)) {
            far.bind(new InetSocketAddress(InetAddress.getByName(to), 5000));
            near.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
            far.configureBlocking(false);
            near.configureBlocking(false);
            ByteBuffer out = ByteBuffer.allocate(1000);
            ByteBuffer in = ByteBuffer.allocate(1500);
            for (int i = 0; i < 500; i++) {
                out.clear().putInt(0, i);
                near.send(out, far.getLocalAddress());
                int number = i;
                Awaitility.await()
                        .pollInterval(Duration.ofMillis(1))
                        .pollDelay(Duration.ZERO)
                        .until(() -> {
                            if (far.receive(in.clear()) != null) {
                                far.send(in.flip(), near.getLocalAddress());
                            }
                            return near.receive(in.clear()) != null && in.getInt(0) == number;
                        });
            }
        }
    }

    private void runWire(Umem umem, XdpLink.Mode mode, EventFd stop, AtomicInteger moved) {
        try (XdpSocket left = XdpSocket.open(umem, d0, 0, XdpSocket.Mode.COPY, RING);
                XdpSocket right = XdpSocket.open(umem, d1, 0, XdpSocket.Mode.ANY, RING);
                BpfMap leftMap = BpfMap.xskMap("jvs_l", 1);
                BpfMap rightMap = BpfMap.xskMap("jvs_r", 1);
                Poll poll = new Poll(left.fd(), right.fd(), stop.fd())) {
            leftMap.put(0, left.fd().value());
            rightMap.put(0, right.fd().value());
            for (int i = 0; i < RING; i++) {
                left.fill().put(i, umem.frame(i));
                right.fill().put(i, umem.frame(RING + i));
            }
            left.fill().submit(RING);
            right.fill().submit(RING);
            try (XdpLink leftLink = attach(leftMap, d0, mode);
                    XdpLink rightLink = attach(rightMap, d1, mode)) {
                assertThat(leftLink.isAttached() && rightLink.isAttached()).isTrue();
                while (poll.ready(2) == 0) {
                    poll.await(-1);
                    moved.addAndGet(move(left, right) + move(right, left));
                }
                assertThat(left.statistics().fillRingEmpty()).isZero();
                assertThat(left.isZeroCopy()).isFalse();
            }
        }
    }

    /// Receives on one and sends on the other; sent frames go back to the receiver's fill ring.
    private static int move(XdpSocket from, XdpSocket to) {
        int count = Math.min(from.rx().available(64), to.tx().reserve(64));
        for (int i = 0; i < count; i++) {
            to.tx().put(i, from.rx().address(i), from.rx().length(i));
        }
        from.rx().release(count);
        to.tx().submit(count);
        to.flush();
        int sent = Math.min(to.completion().available(64), from.fill().reserve(64));
        for (int i = 0; i < sent; i++) {
            from.fill().put(i, from.umem().frameStart(to.completion().address(i)));
        }
        to.completion().release(sent);
        from.fill().submit(sent);
        return count;
    }

    @Test
    void refusalsAreNamedAndAQueueCanBeBoundAgain() {
        try (Umem umem = Umem.allocate(FRAMES, 2048)) {
            middle.run(() -> {
                XdpSocket first = XdpSocket.open(umem, d0, 0, XdpSocket.Mode.ANY, RING);
                assertThatThrownBy(() -> XdpSocket.open(umem, d0, 7, XdpSocket.Mode.ANY, RING))
                        .hasMessageContaining("queue 7: EINVAL");
                try (Umem other = Umem.allocate(8, 4096)) {
                    assertThatThrownBy(
                                    () -> XdpSocket.open(other, d0, 0, XdpSocket.Mode.COPY, RING))
                            .hasMessageContaining("EBUSY");
                }
                first.close();
                XdpSocket.open(umem, d0, 0, XdpSocket.Mode.COPY, RING).close();
            });
        }
    }

    @Test
    void memoryCannotBeTouchedAfterItsEnd() {
        Umem umem = Umem.allocate(8, 2048);
        MemorySegment memory = umem.memory();
        memory.set(JAVA_BYTE, 0, (byte) 1);
        umem.close();
        assertThatThrownBy(() -> memory.get(JAVA_BYTE, 0))
                .isInstanceOf(IllegalStateException.class);
    }
}
