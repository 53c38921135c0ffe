package org.jvs.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Packet sockets, TUN devices and driver settings in namespaces of our own.
@Tag("root")
class DevicesRootTest {
    private final TestNamespaces namespaces = new TestNamespaces();

    @AfterEach
    void cleanUp() {
        namespaces.close();
    }

    @Test
    void aThreadOfRealTimePriorityIsFirstInFirstOut() throws Exception {
        CompletableFuture<String> stat = new CompletableFuture<>();
        Thread.ofPlatform()
                .start(() -> {
                    try {
                        assertThat(ThreadPriority.realTime()).isTrue();
                        stat.complete(Files.readString(Path.of("/proc/thread-self/stat")));
                    } catch (IOException | AssertionError e) {
                        stat.completeExceptionally(e);
                    }
                })
                .join();
        // proc(5): state is the third field, policy the 41st; SCHED_FIFO is 1
        String line = stat.get();
        String[] fromState = line.substring(line.lastIndexOf(')') + 2).split(" ");
        assertThat(fromState[41 - 3]).isEqualTo("1");
    }

    @Test
    void packetSocketsCarryFramesAsTheyAre() {
        NetworkNamespace one = namespaces.create();
        NetworkNamespace two = namespaces.create();
        try (Netlink oneNet = Netlink.open(one);
                Netlink twoNet = Netlink.open(two)) {
            oneNet.links().createVeth(LinkSpec.named("p0"), LinkSpec.named("p1").in(two));
            int p0 = oneNet.links().get("p0").index();
            int p1 = twoNet.links().get("p1").index();
            oneNet.links().setUp(p0);
            twoNet.links().setUp(p1);
            try (PacketSocket a = one.call(() -> PacketSocket.open(p0));
                    PacketSocket b = two.call(() -> PacketSocket.open(p1))) {
                byte[] frame = new byte[60];
                Arrays.fill(frame, 0, 6, (byte) 0xff);
                frame[12] = (byte) 0x88;
                frame[13] = (byte) 0xb5; // local experimental EtherType
                frame[59] = 42;
                byte[] got = new byte[100];
                Awaitility.await()
                        .until(() -> {
                            // Until the carrier is noticed a veth swallows what it is given.
                            a.send(frame, 0, frame.length);
                            return b.receive(got, 100) == 60
                                    && Arrays.equals(Arrays.copyOf(got, 60), frame);
                        });
                Arrays.fill(got, (byte) 0);
                while (a.receive(got, 0) >= 0) {
                    assertThat(got[59]).as("its own frame").isNotEqualTo((byte) 42);
                }
            }
        }
    }

    @Test
    void closingEndsAWait() {
        NetworkNamespace one = namespaces.create();
        try (Netlink net = Netlink.open(one)) {
            int lo = net.links().get("lo").index();
            PacketSocket socket = one.call(() -> PacketSocket.open(lo));
            CompletableFuture<Integer> waiting =
                    CompletableFuture.supplyAsync(() -> socket.receive(new byte[64], -1));
            socket.close();
            Awaitility.await().until(waiting::isDone);
            assertThat(waiting).isCompletedWithValue(-1);
        }
    }

    @Test
    void tunHandsOutWhatTheHostSendsAndTakesWhatItReceives() throws Exception {
        NetworkNamespace one = namespaces.create();
        try (Netlink net = Netlink.open(one);
                TunDevice tun = one.call(() -> TunDevice.open("jvstun"))) {
            int index = net.links().get("jvstun").index();
            assertThat(net.links().get("jvstun").isEthernet()).isFalse();
            net.addresses().add(index, Prefix.parse("10.79.0.1/24"));
            net.links().setUp(index);
            try (DatagramChannel channel = one.call(DatagramChannel::open)) {
                channel.bind(new InetSocketAddress(InetAddress.getByName("10.79.0.1"), 6000));
                channel.configureBlocking(false);
                channel.send(
                        ByteBuffer.wrap(new byte[] {1, 2, 3}),
                        new InetSocketAddress(InetAddress.getByName("10.79.0.2"), 6001));
                byte[] packet = new byte[1500];
                Awaitility.await()
                        .until(() -> tun.receive(packet, 1000) == 31 && packet[0] == 0x45);
                // Turn addresses and ports round: the sums stay the same.
                byte[] back = Arrays.copyOf(packet, 31);
                System.arraycopy(packet, 12, back, 16, 4);
                System.arraycopy(packet, 16, back, 12, 4);
                System.arraycopy(packet, 20, back, 22, 2);
                System.arraycopy(packet, 22, back, 20, 2);
                ByteBuffer got = ByteBuffer.allocate(10);
                assertThat(tun.send(back, 0, back.length)).isTrue();
                Awaitility.await().until(() -> channel.receive(got) != null);
                assertThat(got.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            }
        }
    }

    @Test
    void driverSettings() {
        NetworkNamespace one = namespaces.create();
        try (Netlink net = Netlink.open(one);
                Ethtool ethtool = Ethtool.open(one)) {
            net.links().createVeth(LinkSpec.named("e0").withQueues(2), LinkSpec.named("e1"));
            assertThat(ethtool.driver("e0")).isEqualTo("veth");
            assertThat(ethtool.channels("e0").receiving()).isPositive();
            assertThat(net.links().get("e0").rxQueues()).isEqualTo(2);
            Offloads before = ethtool.offloads("e0");
            assertThat(before.txChecksum()).isTrue();
            assertThat(before.tso()).isTrue();
            ethtool.setOffloads("e0", before.plain());
            assertThat(ethtool.offloads("e0"))
                    .isEqualTo(
                            new Offloads(
                                    before.rxChecksum(), false, false, false, false, false, false));
            ethtool.setOffloads("e0", before.withGro(true));
            assertThat(ethtool.offloads("e0")).isEqualTo(before.withGro(true));
        }
    }

    @Test
    void pinsAThread() throws Exception {
        Thread thread = Thread.ofPlatform().start(() -> CpuAffinity.pin(0));
        thread.join();
        assertThat(thread.isAlive()).isFalse();
    }
}
