package org.jvs.datapath.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.jvs.conformance.host.PacketBuilder;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.core.state.TcpState;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Control;
import org.jvs.core.table.Counters;
import org.jvs.core.wire.Ip;
import org.jvs.ebpf.Program;
import org.jvs.ebpf.Xdp;
import org.jvs.testing.Rig;

/// The XDP program against the Java engine, packet by packet: see [Duel].
@Tag("root")
class FlowProgramRootTest {
    private static final int PACKETS = Integer.getInteger("jvs.duel.packets", 6000);
    private static final int PORT = 80;
    private static final int CLIENT_PORT = 1000;

    private final Duel duel = new Duel();

    @AfterEach
    void close() {
        duel.close();
    }

    /// Longer by `-Djvs.duel.packets=1000000`, the same again by `-Djvs.duel.seed=...`.
    @Test
    void randomTraffic() {
        long seed = Long.getLong("jvs.duel.seed", new Random().nextLong());
        System.out.println("duel: seed " + seed + ", " + PACKETS + " packets");
        RandomPackets packets = new RandomPackets(duel, seed);
        for (int i = 0; i < PACKETS; i++) {
            try {
                packets.step(i);
            } catch (AssertionError e) {
                throw new AssertionError(
                        "seed " + seed + ", packet " + i + ": " + e.getMessage(), e);
            }
        }
        // NAT, replies, direct and four mixes of tunnels, each with TCP and UDP
        assertThat(duel.outcomes).hasSize(20);
    }

    private static String vip(boolean ipv6) {
        return ipv6 ? Rig.VIP6 : Rig.VIP;
    }

    private static String client(boolean ipv6) {
        return ipv6 ? "2001:db8::9" : "11.0.0.9";
    }

    /// A service with one destination.
    private ServiceKey serve(int protocol, boolean ipv6, String server, ForwardingMethod method) {
        ServiceKey key = Rig.service(protocol, vip(ipv6), PORT);
        duel.rig.add(key, "rr", 0, 0);
        duel.rig.add(key, server, 8080, method);
        duel.settle();
        return key;
    }

    private static PacketBuilder request(boolean ipv6) {
        return PacketBuilder.from(client(ipv6), CLIENT_PORT).to(vip(ipv6), PORT).payload(20);
    }

    private static byte[] request(int protocol, boolean ipv6, int flags) {
        PacketBuilder builder = request(ipv6);
        return (protocol == Protocol.TCP ? builder.tcp(flags) : builder.udp()).bytes();
    }

    private static byte[] reply(int protocol, String server, boolean ipv6, int flags) {
        PacketBuilder builder =
                PacketBuilder.from(server, 8080).to(client(ipv6), CLIENT_PORT).payload(20);
        return (protocol == Protocol.TCP ? builder.tcp(flags) : builder.udp()).bytes();
    }

    /// Has the engine open a connection, and the client confirm it.
    private void open(int protocol, boolean ipv6) {
        assertThat(duel.fight(request(protocol, ipv6, Ip.SYN))).as("a new connection").isFalse();
        assertThat(duel.rig.connections()).isEqualTo(1);
    }

    private int slot(boolean ipv6) {
        ConnectionTable table = table(ipv6);
        for (int slot = 0; slot < table.slots(); slot++) {
            if (Control.phase(table.control(slot)) == Control.LIVE
                    && !Control.has(table.control(slot), Control.TEMPLATE)) {
                return slot;
            }
        }
        throw new AssertionError("no connection");
    }

    private ConnectionTable table(boolean ipv6) {
        return duel.rig.director.connections(ipv6 ? Family.IPV6 : Family.IPV4);
    }

    @ParameterizedTest
    @CsvSource({
        "6, false, 10.1.0.1, NAT", "17, false, 10.1.0.1, NAT", "6, true, fd00:1::1, NAT",
        "17, true, fd00:1::1, NAT", "6, false, 10.1.0.1, DIRECT", "17, false, 10.1.0.1, DIRECT",
        "6, true, fd00:1::1, DIRECT", "17, true, fd00:1::1, DIRECT", "6, false, 10.1.0.1, TUNNEL",
        "17, false, 10.1.0.1, TUNNEL", "6, true, fd00:1::1, TUNNEL", "17, true, fd00:1::1, TUNNEL",
        "6, false, fd00:1::1, TUNNEL", "17, false, fd00:1::1, TUNNEL", "6, true, 10.1.0.1, TUNNEL",
        "17, true, 10.1.0.1, TUNNEL",
    })
    void establishedConnectionsAreForwarded(
            int protocol, boolean ipv6, String server, ForwardingMethod method) {
        serve(protocol, ipv6, server, method);
        open(protocol, ipv6);
        assertThat(duel.fight(request(protocol, ipv6, Ip.ACK))).as("request").isTrue();
        duel.rig.advance(5000);
        assertThat(duel.fight(request(protocol, ipv6, Ip.ACK))).as("later").isTrue();
        if (method == ForwardingMethod.NAT) {
            assertThat(duel.fight(reply(protocol, server, ipv6, Ip.ACK))).as("reply").isTrue();
        }
        assertThat(duel.counted(Counters.TOTAL, Counters.IN_PACKETS)).isEqualTo(3);
    }

    /// All combinations of the flags that count, in all states, in both directions, with replies
    /// seen before or not.
    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void tcpStates(int secureTcp) {
        duel.rig.set("secure_tcp", secureTcp);
        serve(Protocol.TCP, false, "10.1.0.1", ForwardingMethod.NAT);
        open(Protocol.TCP, false);
        int slot = slot(false);
        long live = table(false).control(slot);
        int left = 0;
        for (int state = 0; state < TcpState.COUNT; state++) {
            for (int flags = 0; flags < 32; flags++) {
                for (long noOutput : new long[] {0, Control.NO_OUTPUT}) {
                    for (boolean output : new boolean[] {false, true}) {
                        long word = Control.withState(live, state) & ~Control.NO_OUTPUT | noOutput;
                        word =
                                TcpState.isActive(state)
                                        ? word & ~Control.INACTIVE
                                        : word | Control.INACTIVE;
                        long present = table(false).control(slot);
                        assertThat(table(false).update(slot, present, word)).isTrue();
                        byte[] packet =
                                output
                                        ? reply(Protocol.TCP, "10.1.0.1", false, flags)
                                        : request(Protocol.TCP, false, flags);
                        boolean mayReuse =
                                !output
                                        && (flags & Ip.SYN) != 0
                                        && (state == TcpState.TIME_WAIT
                                                || state == TcpState.CLOSE
                                                || state == TcpState.FIN_WAIT && noOutput != 0);
                        assertThat(duel.fight(packet))
                                .as("state %d flags %d output %b", state, flags, output)
                                .isEqualTo(!mayReuse);
                        if (mayReuse) {
                            if (duel.rig.connections() == 0) {
                                open(Protocol.TCP, false);
                            }
                            slot = slot(false);
                            left++;
                        }
                    }
                }
            }
        }
        assertThat(left).isPositive();
    }

    @Test
    void entriesExpireToTheMillisecond() {
        serve(Protocol.UDP, false, "10.1.0.1", ForwardingMethod.DIRECT);
        open(Protocol.UDP, false);
        byte[] packet = request(Protocol.UDP, false, 0);
        duel.rig.now += 299_999;
        assertThat(duel.fight(packet)).as("a moment before").isTrue();
        duel.rig.now += 300_000;
        assertThat(duel.fight(packet)).as("in the moment").isFalse();
        duel.rig.now -= 5;
        assertThat(duel.fight(packet)).as("with a clock behind another writer's").isTrue();
        long word = table(false).control(slot(false));
        long longer = Control.withTimeout(word, 100_000);
        assertThat(table(false).update(slot(false), word, longer)).isTrue();
        duel.rig.now += 99_999_000;
        assertThat(duel.fight(packet)).as("with a timeout above nine hours").isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "NAT, false, 10.1.0.1, 1500",
        "NAT, true, fd00:1::1, 1500",
        "DIRECT, false, 10.1.0.1, 1500",
        "TUNNEL, false, 10.1.0.1, 1480",
        "TUNNEL, false, fd00:1::1, 1460",
        "TUNNEL, true, 10.1.0.1, 1480",
        "TUNNEL, true, fd00:1::1, 1460"
    })
    void whatIsTooLongGoesUp(ForwardingMethod method, boolean ipv6, String server, int longest) {
        serve(Protocol.TCP, ipv6, server, method);
        open(Protocol.TCP, ipv6);
        int headers = (ipv6 ? 40 : 20) + 20;
        PacketBuilder builder = request(ipv6).tcp(Ip.ACK).dontFragment();
        assertThat(duel.fight(builder.payload(longest - headers).bytes())).isTrue();
        assertThat(duel.fight(builder.payload(longest - headers + 1).bytes())).isFalse();
        PacketBuilder fragmentable = request(ipv6).tcp(Ip.ACK);
        assertThat(duel.fight(fragmentable.payload(longest - headers + 1).bytes())).isFalse();
    }

    /// Checksums whose new value is one of the two zeros.
    @ParameterizedTest
    @CsvSource({"6, false", "17, false", "6, true", "17, true"})
    void checksumsAroundZero(int protocol, boolean ipv6) {
        serve(protocol, ipv6, ipv6 ? "fd00:1::1" : "10.1.0.1", ForwardingMethod.NAT);
        open(protocol, ipv6);
        byte[] packet = request(protocol, ipv6, Ip.ACK);
        assertThat(duel.fight(packet)).isTrue();
        int field = (ipv6 ? 40 : 20) + (protocol == Protocol.TCP ? 16 : 6);
        int before = ByteBuffer.wrap(packet).getShort(field) & 0xffff;
        int after = ByteBuffer.wrap(duel.rig.packet.toBytes()).getShort(field) & 0xffff;
        // what the rewrite takes away from the field
        int difference = Math.floorMod(before - after, 0xffff);
        for (int wanted = -3; wanted <= 3; wanted++) {
            int value = Math.floorMod(difference + wanted, 0xffff);
            for (int alias : value == 0 ? new int[] {0xffff} : new int[] {value}) {
                ByteBuffer.wrap(packet).putShort(field, (short) alias);
                assertThat(duel.fight(packet)).as("checksum %x", alias).isTrue();
            }
        }
        if (protocol == Protocol.UDP) {
            ByteBuffer.wrap(packet).putShort(field, (short) 0);
            assertThat(duel.fight(packet)).as("no checksum").isFalse();
        }
    }

    @Test
    void packetsCutShortAndPaddedOnes() {
        serve(Protocol.TCP, false, "10.1.0.1", ForwardingMethod.TUNNEL);
        open(Protocol.TCP, false);
        byte[] packet = request(Protocol.TCP, false, Ip.ACK);
        for (int length = 1; length < packet.length; length++) {
            assertThat(duel.fight(Arrays.copyOf(packet, length))).as("%d bytes", length).isFalse();
        }
        assertThat(duel.fight(Arrays.copyOf(packet, packet.length + 9))).as("padded").isTrue();
    }

    @Test
    void wordsOfWarningSendItUp() {
        ServiceKey key = serve(Protocol.TCP, false, "10.1.0.1", ForwardingMethod.NAT);
        open(Protocol.TCP, false);
        byte[] packet = request(Protocol.TCP, false, Ip.ACK);
        assertThat(duel.fight(packet)).isTrue();
        assertThat(duel.fight(request(false).tcp(Ip.ACK).ttl(1).bytes())).as("TTL").isFalse();
        assertThat(duel.fight(request(false).tcp(Ip.ACK).ttl(2).bytes())).isTrue();
        assertThat(duel.fight(request(false).tcp(Ip.ACK).options(4).bytes())).isFalse();
        assertThat(duel.fight(request(false).tcp(Ip.ACK).fragmentField(0x2000).bytes())).isFalse();
        duel.tables.hops.clear(0);
        assertThat(duel.fight(packet)).as("no next hop").isFalse();
        duel.settle();
        assertThat(duel.fight(packet)).isTrue();
        duel.rig.apply(
                new Command.DeleteDestination(
                        key, Rig.destination("10.1.0.1", 8080, ForwardingMethod.NAT, 1)));
        assertThat(duel.fight(packet)).as("a destination that was removed").isFalse();
    }

    /// The first packets of a persistent client's connection make its template assured, which is
    /// Java's to do; after that they stay below.
    @Test
    void connectionsOfPersistentClients() {
        ServiceKey key = Rig.service(Protocol.TCP, Rig.VIP, PORT);
        duel.rig.add(key, "rr", ServiceSpec.PERSISTENT, 60);
        duel.rig.add(key, "10.1.0.1", 8080, ForwardingMethod.DIRECT);
        duel.settle();
        assertThat(duel.fight(request(Protocol.TCP, false, Ip.SYN))).isFalse();
        assertThat(duel.fight(request(Protocol.TCP, false, Ip.ACK))).as("first").isFalse();
        assertThat(duel.fight(request(Protocol.TCP, false, Ip.ACK))).as("second").isTrue();
    }

    /// The program ends a connection with each packet while Java revives it as fast as it can:
    /// every change is one exchange of the control word, so that counts follow the table.
    @Test
    void countsDoNotDriftBetweenTwoWriters() throws InterruptedException {
        serve(Protocol.TCP, false, "10.1.0.1", ForwardingMethod.DIRECT);
        open(Protocol.TCP, false);
        int slot = slot(false);
        ConnectionTable table = table(false);
        long alive = Control.withState(table.control(slot), TcpState.ESTABLISHED);
        AtomicBoolean ended = new AtomicBoolean();
        AtomicInteger revived = new AtomicInteger();
        Thread reviver =
                new Thread(() -> {
                    while (!ended.get()) {
                        long word = table.control(slot);
                        if (Control.has(word, Control.INACTIVE)
                                && table.update(slot, word, alive)) {
                            revived.incrementAndGet();
                        }
                    }
                });
        reviver.start();
        // what was sent is again a packet for the director
        duel.tables.hops.set(0, 1, Duel.OWN, Duel.OWN, 1500, 0, 0);
        byte[] fin = request(false).tcp(Ip.FIN | Ip.ACK).ttl(255).bytes();
        int forwarded = 0;
        for (int i = 0; i < 100; i++) {
            forwarded += duel.repeat(fin, 250) == Xdp.PASS ? 0 : 1;
        }
        ended.set(true);
        reviver.join();
        assertThat(forwarded).isPositive();
        assertThat(revived).hasPositiveValue();
        boolean inactive = Control.has(table.control(slot), Control.INACTIVE);
        assertThat(duel.rig.director.destinations().active(0)).isEqualTo(inactive ? 0 : 1);
        assertThat(duel.rig.director.destinations().inactive(0)).isEqualTo(inactive ? 1 : 0);
    }

    /// What is not configured is not in the program.
    @Test
    void programsAreAsSmallAsTheirConfiguration() {
        Shape small = new Shape(true, false, true, false, false, true, false, false, false, true);
        Program all = duel.program(Shape.ALL);
        Program one = duel.program(small);
        System.out.println("duel: " + all + ", " + one);
        assertThat(one.size()).isLessThan(all.size() / 8);
        duel.tables.load(one).close();
        serve(Protocol.TCP, false, "10.1.0.1", ForwardingMethod.DIRECT);
        assertThat(Shape.of(duel.rig.director.services(), true)).isEqualTo(small);
        assertThat(duel.program(Shape.of(List.of(), true)).size()).isEqualTo(2);
    }
}
