package org.jvs.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.ConnectionListing;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;

/** Clients of the control socket, good and bad: none may harm another. */
class ControlServerTest {
    private static final ControlServer.Limits LIMITS =
            new ControlServer.Limits(8, 2, Duration.ofMinutes(1), Duration.ofSeconds(20));

    /** For clients that stall: others have to be quick here. */
    private static final ControlServer.Limits IMPATIENT =
            new ControlServer.Limits(8, 2, Duration.ofMinutes(1), Duration.ofMillis(500));

    @TempDir private Path directory;

    private Path path;
    private MemoryAdmin admin;
    private ControlServer server;

    @BeforeEach
    void open() throws IOException {
        path = directory.resolve("run/4026531840.sock");
        admin = new MemoryAdmin();
        server = ControlServer.open(path, admin, LIMITS);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private static ServiceSpec service(int port) {
        ServiceKey key = ServiceKey.virtual(Protocol.TCP, Address.parse("10.10.1.100"), port);
        return new ServiceSpec(key, "rr", 0, 0, -1, "");
    }

    private static DestinationSpec destination(String address) {
        return new DestinationSpec(
                Address.parse(address),
                80,
                ForwardingMethod.NAT,
                1,
                0,
                0,
                DestinationSpec.Tunnel.IPIP);
    }

    private void openImpatient() throws IOException {
        server.close();
        server = ControlServer.open(path, admin, IMPATIENT);
    }

    /** What every test of a bad client ends with: others are served. */
    private void assertServes() throws IOException {
        try (ControlClient client = ControlClient.connect(path)) {
            assertThat(client.tableSize()).isEqualTo(4096);
        }
    }

    private SocketChannel raw() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(path));
        return channel;
    }

    private static byte[] request(int operation, byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        data.writeInt(ControlProtocol.GREETING << 8 | ControlProtocol.VERSION);
        data.writeInt(body.length + 1);
        data.write(operation);
        data.write(body);
        return bytes.toByteArray();
    }

    /** All the server says until it closes. */
    private static String readAll(SocketChannel channel) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        try {
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                // on
            }
        } catch (IOException _) {
            // a reset is an end as well
        }
        return new String(buffer.array(), 0, buffer.position(), UTF_8);
    }

    @Test
    void carriesOutCommandsAndListsTheirEffect() throws IOException {
        try (ControlClient client = ControlClient.connect(path)) {
            ServiceSpec spec = service(80);
            assertThat(
                            client.apply(
                                    List.of(
                                            new Command.AddService(spec),
                                            new Command.AddService(spec),
                                            new Command.AddDestination(
                                                    spec.key(), destination("10.10.2.11")))))
                    .containsExactly(Outcome.OK, Outcome.EXISTS, Outcome.OK);
            assertThat(client.services()).isEqualTo(admin.services());
            assertThat(client.service(spec.key())).isEqualTo(admin.service(spec.key()));
            assertThat(client.service(service(81).key())).isNull();
            assertThat(client.totals()).isEqualTo(admin.totals());
            assertThat(client.timeouts()).isEqualTo(admin.timeouts());
            assertThat(client.settings()).isEqualTo(admin.settings());
            assertThat(client.daemons()).isEmpty();
        }
    }

    @Test
    void splitsAVeryLongBatchAndKeepsItsOrder() throws IOException {
        List<Command> commands = new ArrayList<>();
        for (int i = 0; i < 60_000; i++) {
            commands.add(new Command.AddService(service(1 + i % 50_000)));
        }
        try (ControlClient client = ControlClient.connect(path)) {
            List<Outcome> outcomes = client.apply(commands);
            assertThat(outcomes.subList(0, 50_000)).containsOnly(Outcome.OK);
            assertThat(outcomes.subList(50_000, 60_000)).containsOnly(Outcome.EXISTS);
            assertThat(client.services()).isEqualTo(admin.services());
        }
        assertThat(admin.batches).isBetween(2, 10);
    }

    @Test
    void streamsConnectionsWithoutHoldingThem() throws IOException {
        int count = 300_000;
        AtomicLong made = new AtomicLong();
        ConnectionListing entry = connection();
        try (ControlServer many =
                        ControlServer.open(
                                directory.resolve("many.sock"),
                                new MemoryAdmin() {
                                    @Override
                                    public void connections(Consumer<ConnectionListing> consumer) {
                                        for (int i = 0; i < count; i++) {
                                            consumer.accept(entry);
                                            made.incrementAndGet();
                                        }
                                    }
                                },
                                LIMITS);
                ControlClient client = ControlClient.connect(many.path())) {
            AtomicLong seen = new AtomicLong();
            client.connections(listed -> {
                assertThat(listed).isEqualTo(entry);
                // what is made but not yet taken fits the socket's buffers
                if (seen.incrementAndGet() == 1) {
                    assertThat(made.get()).isLessThan(count);
                }
            });
            assertThat(seen.get()).isEqualTo(count);
        }
    }

    private static ConnectionListing connection() {
        return new ConnectionListing(
                Protocol.TCP,
                Address.parse("fd00::2"),
                40000,
                Address.parse("fd00::1"),
                80,
                Address.parse("10.0.0.1"),
                8080,
                "ESTABLISHED",
                899_000,
                "sip",
                "call-1@host");
    }

    @Test
    void theSocketIsForItsOwnerOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
                .isEqualTo("rwx------");
        try (var left = Files.list(path.getParent())) {
            assertThat(left.map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder("4026531840.sock", "4026531840.sock.lock");
        }
    }

    @Test
    void refusesASecondDirectorAndReplacesACrashedOne() throws IOException {
        assertThatThrownBy(() -> ControlServer.open(path, admin))
                .hasMessageContaining("already runs a director at " + path);
        assertServes();
        server.close();
        assertThat(path).doesNotExist();
        // a crash leaves the socket behind, and nobody holds the lock
        ServerSocketChannel crashed = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        crashed.bind(UnixDomainSocketAddress.of(path));
        crashed.close();
        assertThat(path).exists();
        server = ControlServer.open(path, admin, LIMITS);
        assertServes();
    }

    @Test
    void tellsAClientThatThereIsNoDirector() throws IOException {
        server.close();
        assertThatThrownBy(() -> ControlClient.connect(path))
                .isInstanceOf(NoDirectorException.class)
                .hasMessageContaining("start one with: jvs director");
    }

    @Test
    void answersQueriesAndNamesTheKnownOnes() throws IOException {
        String longText = "äöü 0123456789\n".repeat(20_000);
        server.query(
                "long", (arguments, answer) -> answer.append(arguments.get(0)).append(longText));
        server.query(
                "picky",
                (arguments, answer) -> {
                    throw new IllegalArgumentException("'" + arguments.get(0) + "' is not in 1..3");
                });
        try (ControlClient client = ControlClient.connect(path)) {
            assertThat(client.query("long", List.of("x"))).isEqualTo("x" + longText);
            assertThatThrownBy(() -> client.query("picky", List.of("4")))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("'4' is not in 1..3");
            assertThatThrownBy(() -> client.query("none", List.of()))
                    .hasMessageContaining("query 'none' is not known here; known are long, picky");
            assertThat(client.tableSize()).isEqualTo(4096);
        }
    }

    @Test
    void survivesGarbage() throws IOException {
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            byte[] bytes = i % 2 == 0 ? garbage : request(1 + random.nextInt(12), garbage);
            try (SocketChannel channel = raw()) {
                channel.write(ByteBuffer.wrap(bytes));
                channel.shutdownOutput();
                readAll(channel);
            }
        }
        assertServes();
        await().until(() -> server.clients() == 0);
    }

    @Test
    void aRequestThatCannotBeReadChangesNothing() throws IOException {
        Encoder body = new Encoder();
        body.i32(2);
        Commands.write(body, new Command.AddService(service(80)));
        body.u8(99);
        byte[] bytes = Arrays.copyOf(body.bytes(), body.length());
        try (SocketChannel channel = raw()) {
            channel.write(ByteBuffer.wrap(request(ControlProtocol.APPLY, bytes)));
            assertThat(readAll(channel)).contains("command 99 is not known here");
        }
        assertThat(admin.services()).isEmpty();
    }

    @Test
    void refusesOversizedRequestsAndOtherVersions() throws IOException {
        try (SocketChannel channel = raw()) {
            ByteBuffer huge = ByteBuffer.allocate(8);
            huge.putInt(ControlProtocol.GREETING << 8 | ControlProtocol.VERSION);
            channel.write(huge.putInt(Integer.MAX_VALUE).flip());
            assertThat(readAll(channel)).contains("2147483647 bytes is not in 1..4194304");
        }
        try (SocketChannel channel = raw()) {
            ByteBuffer other = ByteBuffer.allocate(4);
            channel.write(other.putInt(ControlProtocol.GREETING << 8 | 77).flip());
            assertThat(readAll(channel)).contains("version 1 of the control protocol, not 77");
        }
        assertServes();
    }

    /** As many as there may be, long before their time is over. */
    @Test
    void stalledClientsKeepNobodyOut() throws IOException {
        byte[] whole = request(ControlProtocol.APPLY, new byte[4]);
        List<SocketChannel> stalled = new ArrayList<>();
        for (int i = 0; i < LIMITS.clients(); i++) {
            SocketChannel channel = raw();
            channel.write(ByteBuffer.wrap(whole, 0, 3));
            stalled.add(channel);
        }
        await().until(() -> server.clients() == LIMITS.clients());
        await().atMost(LIMITS.stall().dividedBy(2))
                .ignoreExceptionsInstanceOf(java.io.UncheckedIOException.class)
                .untilAsserted(this::assertServes);
        for (SocketChannel channel : stalled) {
            channel.close();
        }
    }

    @Test
    void dropsAClientThatStallsInTheMiddleOfARequest() throws IOException {
        openImpatient();
        byte[] whole = request(ControlProtocol.APPLY, new byte[4]);
        List<SocketChannel> stalled = new ArrayList<>();
        for (int length : List.of(1, 3, 5, 7, 8, 11)) {
            SocketChannel channel = raw();
            channel.write(ByteBuffer.wrap(whole, 0, length));
            stalled.add(channel);
        }
        assertServes();
        for (SocketChannel channel : stalled) {
            try (channel) {
                assertThat(readAll(channel)).isEmpty();
            }
        }
    }

    @Test
    void dropsAClientThatDoesNotReadItsReply() throws IOException {
        ConnectionListing entry = connection();
        for (int i = 0; i < 100_000; i++) {
            admin.connections.add(entry);
        }
        openImpatient();
        try (SocketChannel channel = raw()) {
            channel.write(ByteBuffer.wrap(request(ControlProtocol.CONNECTIONS, new byte[0])));
            assertServes();
            await().until(() -> server.clients() == 0);
        }
    }

    @Test
    void servesOthersWhileIdleConnectionsPileUp() throws IOException {
        List<SocketChannel> flood = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                flood.add(raw());
                assertServes();
            }
            await().until(() -> server.clients() <= LIMITS.clients());
        } finally {
            for (SocketChannel channel : flood) {
                channel.close();
            }
        }
    }

    @Test
    void servesOthersWhileOneFloods() throws Exception {
        Thread flood =
                Thread.ofVirtual()
                        .start(() -> {
                            try (ControlClient client = ControlClient.connect(path)) {
                                while (!Thread.currentThread().isInterrupted()) {
                                    client.apply(List.of(new Command.Flush()));
                                }
                            } catch (IOException | UncheckedIOException _) {
                                // interrupted
                            }
                        });
        try {
            await().until(() -> server.requests() > 100);
            for (int i = 0; i < 20; i++) {
                assertServes();
            }
        } finally {
            flood.interrupt();
            flood.join();
        }
    }
}
