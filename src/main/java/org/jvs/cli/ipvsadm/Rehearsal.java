package org.jvs.cli.ipvsadm;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.jvs.control.ControlClient;
import org.jvs.control.ControlServer;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.ConnectionListing;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.admin.Stats;
import org.jvs.core.admin.SyncDaemon;
import org.jvs.core.admin.Timeouts;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;

/**
 * What the build runs to make ipvsadm's start-up cache: common command lines against a director
 * that holds one service and forwards nothing. The JVM notes which classes that took.
 */
final class Rehearsal {
    private static final List<String> LINES =
            List.of(
                    "-Ln",
                    "-A -t 192.0.2.1:80 -s wlc",
                    "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 2",
                    "-L -n --stats",
                    "-L -n --rate",
                    "-L -n -c",
                    "-S -n",
                    "-Z");

    private Rehearsal() {}

    /** Runs the lines; their output is thrown away. */
    public static void main(String[] args) throws IOException {
        Path directory = Files.createTempDirectory("jvs-rehearsal");
        Path socket = directory.resolve("socket");
        try (ControlServer _ = ControlServer.open(socket, new OneService())) {
            for (String line : LINES) {
                Ipvsadm.run(
                        line.split(" "),
                        InputStream.nullInputStream(),
                        OutputStream.nullOutputStream(),
                        OutputStream.nullOutputStream(),
                        FileNames.system(),
                        () -> connect(socket));
            }
        } finally {
            try (var files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }

    private static Admin connect(Path socket) {
        try {
            return ControlClient.connect(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class OneService implements Admin {
        private final ServiceListing service;

        OneService() {
            ServiceKey key = ServiceKey.virtual(Protocol.TCP, Address.ipv4(0xc0000201), 80);
            DestinationSpec destination =
                    new DestinationSpec(
                            Address.ipv4(0x0a000001),
                            80,
                            ForwardingMethod.NAT,
                            1,
                            0,
                            0,
                            DestinationSpec.Tunnel.IPIP);
            service =
                    new ServiceListing(
                            new ServiceSpec(key, "wlc", 0, 0, -1, ""),
                            Stats.ZERO,
                            List.of(new DestinationListing(destination, 0, 0, 0, Stats.ZERO)));
        }

        @Override
        public List<Outcome> apply(List<Command> commands) {
            return commands.stream().map(_ -> Outcome.OK).toList();
        }

        @Override
        public List<ServiceListing> services() {
            return List.of(service);
        }

        @Override
        public @Nullable ServiceListing service(ServiceKey key) {
            return service;
        }

        @Override
        public Stats totals() {
            return Stats.ZERO;
        }

        @Override
        public void connections(Consumer<ConnectionListing> consumer) {
            Address client = Address.ipv4(0xc6336401);
            ServiceKey key = service.spec().key();
            Address to = service.destinations().getFirst().spec().address();
            consumer.accept(
                    new ConnectionListing(
                            Protocol.TCP,
                            client,
                            1024,
                            key.address(),
                            80,
                            to,
                            80,
                            "ESTABLISHED",
                            900_000,
                            "",
                            ""));
        }

        @Override
        public Timeouts timeouts() {
            return Timeouts.DEFAULT;
        }

        @Override
        public List<SyncDaemon> daemons() {
            return List.of();
        }

        @Override
        public SortedMap<String, String> settings() {
            return new TreeMap<>();
        }

        @Override
        public int tableSize() {
            return 4096;
        }
    }
}
