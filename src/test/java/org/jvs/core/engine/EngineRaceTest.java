package org.jvs.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvs.conformance.host.PacketBuilder;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.core.state.TcpState;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Control;
import org.jvs.core.table.Found;
import org.jvs.core.table.TableCheck;
import org.jvs.core.wire.Ip;
import org.jvs.core.wire.Packet;
import org.jvs.testing.Frame;
import org.jvs.testing.Rig;

/**
 * The engine beside another writer of the same tables, as an XDP program is one: whatever that puts
 * in, evicts or puts into a slot instead, each packet leaves as one entry says, and counts agree.
 */
class EngineRaceTest {
    private static final int CLIENTS = 24;
    private static final int PACKETS = 150_000;
    private static final int CLIENT = 0x0a090000;
    private static final int CLIENT_PORT = 1000;

    /** Destination ports of entries that the other writer makes begin here. */
    private static final int OTHERS = 20_000;

    @ParameterizedTest
    @CsvSource({"4, 0", "16, 0", "64, 0", "16, 300"})
    void packetsLeaveAsOneEntrySays(int slots, int persistenceSeconds) throws Exception {
        try (Arena arena = Arena.ofShared();
                ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Rig rig = new Rig(arena, slots);
            int flags = persistenceSeconds == 0 ? 0 : ServiceSpec.PERSISTENT;
            ServiceKey key =
                    rig.add(
                            Rig.service(Protocol.TCP, Rig.VIP, 80),
                            "rr",
                            flags,
                            persistenceSeconds);
            rig.add(key, "10.1.0.2", 8080, ForwardingMethod.NAT);
            rig.add(key, "10.1.0.3", 8080, ForwardingMethod.NAT);
            ConnectionTable table = rig.director.connections(Family.IPV4);
            AtomicBoolean over = new AtomicBoolean();
            Future<?> other = threads.submit(() -> write(table, over));
            try {
                SplittableRandom random = new SplittableRandom(slots);
                Frame frame = new Frame(arena, 256);
                int forwarded = 0;
                for (int i = 0; i < PACKETS; i++) {
                    forwarded += send(rig, frame, random) ? 1 : 0;
                }
                assertThat(forwarded).isGreaterThan(PACKETS / 20);
            } finally {
                over.set(true);
            }
            other.get();
            assertThat(new TableCheck(rig.director.destinations(), null, List.of(table)).check())
                    .isEmpty();
        }
    }

    /** The line and port of an entry of the other writer follow from its client. */
    private static void write(ConnectionTable table, AtomicBoolean over) {
        SplittableRandom random = new SplittableRandom(7);
        while (!over.get()) {
            int client = random.nextInt(CLIENTS);
            if (random.nextInt(3) == 0) {
                table.remove(random.nextInt(table.slots()));
            } else {
                int state = random.nextInt(4) == 0 ? TcpState.ESTABLISHED : TcpState.SYN_RECV;
                table.insert(
                        0,
                        CLIENT + client,
                        CLIENT_PORT,
                        0,
                        0x0a000001,
                        80,
                        Protocol.TCP,
                        OTHERS + client,
                        Control.of(state, 0, client % 2, 60),
                        new Found(),
                        1_000_000,
                        new Found());
            }
        }
    }

    private static boolean send(Rig rig, Frame frame, SplittableRandom random) {
        int client = random.nextInt(CLIENTS);
        String address = "10.9.0." + client;
        int server = 0x0a010002 + random.nextInt(2);
        boolean reply = random.nextInt(3) == 0;
        // what its own and what the other's entries answer from
        int serverPort = random.nextBoolean() ? 8080 : OTHERS + client;
        byte[] bytes =
                reply
                        ? PacketBuilder.from("10.1.0." + (server & 0xff), serverPort)
                                .to(address, CLIENT_PORT)
                                .tcp(Ip.SYN | Ip.ACK)
                                .bytes()
                        : Rig.tcp(address, CLIENT_PORT, 80, random.nextBoolean() ? Ip.SYN : Ip.ACK);
        Packet packet = rig.packet;
        frame.load(bytes, packet);
        Verdict verdict = rig.engine.process(packet, 1_000_000);
        assertThat(frame.isIntact()).isTrue();
        if (verdict != Verdict.FORWARD) {
            return false;
        }
        if (reply) {
            assertThat(packet.u32(Ip.V4_SOURCE)).isEqualTo(0x0a000001);
            assertThat(packet.u16(Ip.V4_HEADER)).isEqualTo(80);
            return true;
        }
        int line = (int) packet.u32(Ip.V4_DESTINATION) - 0x0a010002;
        int port = packet.u16(Ip.V4_HEADER + 2);
        assertThat(line).isBetween(0, 1);
        if (port != 8080) {
            assertThat(port).isEqualTo(OTHERS + client);
            assertThat(line).isEqualTo(client % 2);
        }
        return true;
    }
}
