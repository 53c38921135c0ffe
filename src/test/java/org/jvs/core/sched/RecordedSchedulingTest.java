package org.jvs.core.sched;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.core.sched.TestService.Dest;
import org.jvs.core.sched.TestService.TestFlow;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Every recorded scheduling scenario of the kernel, replayed against the schedulers alone: same
 * commands, same connections, same picks. Persistence is not theirs, so such scenarios are left to
 * the engine.
 */
class RecordedSchedulingTest {
    private static final List<Path> RECORDINGS =
            List.of(
                    Path.of("src/test/resources/golden/sched"),
                    Path.of("src/test/resources/recorded/sched"));

    @TestFactory
    Stream<DynamicTest> kernelPicks() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path directory : RECORDINGS) {
            try (Stream<Path> found = Files.list(directory)) {
                found.filter(file -> file.toString().endsWith(".json"))
                        .sorted()
                        .forEach(files::add);
            }
        }
        assertThat(files).isNotEmpty();
        return files.stream()
                .filter(file -> !usesPersistence(file))
                .map(file ->
                        DynamicTest.dynamicTest(name(file), () -> new Replay().run(read(file))));
    }

    private static String name(Path file) {
        return file.getName(file.getNameCount() - 1).toString();
    }

    private static JsonNode read(Path file) {
        return new ObjectMapper().readTree(file.toFile());
    }

    private static boolean usesPersistence(Path file) {
        try {
            return Files.readString(file).matches("(?s).*\"cmd\": \"ipvsadm -[AE][^\"]* -p.*");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One scenario. */
    private static final class Replay {
        private record Connection(Dest dest, boolean active) {}

        private final Map<ServiceKey, TestService> services = new HashMap<>();
        private final Map<String, Connection> connections = new HashMap<>();
        private final TestSettings settings = new TestSettings();
        private long nowMs;

        void run(JsonNode recording) {
            int number = 0;
            for (JsonNode step : recording.get("steps")) {
                number++;
                if (step.has("cmd")) {
                    for (String line : step.get("cmd").asString().split(";|\n|&&")) {
                        command(List.of(line.strip().split("\\s+")));
                    }
                } else if (step.has("conn")) {
                    connect(step, number);
                } else if (step.has("end")) {
                    end(step.get("end").get("from").asString());
                } else if (step.has("wait")) {
                    nowMs += (long) (step.get("wait").asDouble() * 1000);
                }
            }
        }

        private void command(List<String> words) {
            if (words.getLast().matches(".*/lblcr?_expiration")) {
                settings.expirationMs = Long.parseLong(words.get(1)) * 1000;
            }
            if (!words.getFirst().equals("ipvsadm") || words.get(1).startsWith("-L")) {
                return;
            }
            Arguments arguments = new Arguments(words);
            ServiceKey key = arguments.key;
            if (key == null) {
                services.clear();
                return;
            }
            switch (words.get(1)) {
                case "-A" -> services.put(key, new TestService(arguments.spec(key), settings));
                case "-E" -> service(key).edit(arguments.spec(key));
                case "-D" -> services.remove(key);
                case "-a" ->
                        service(key)
                                .add(
                                        arguments.address(),
                                        arguments.port,
                                        arguments.weight,
                                        arguments.upper,
                                        arguments.lower);
                case "-e" -> {
                    TestService service = service(key);
                    Dest dest = service.find(arguments.address(), arguments.port);
                    service.edit(dest, arguments.weight, arguments.upper, arguments.lower);
                }
                case "-d" -> {
                    TestService service = service(key);
                    service.remove(service.find(arguments.address(), arguments.port));
                }
                default -> throw new IllegalArgumentException(String.join(" ", words));
            }
        }

        private TestService service(ServiceKey key) {
            return Objects.requireNonNull(services.get(key), key::toString);
        }

        private void connect(JsonNode step, int number) {
            JsonNode conn = step.get("conn");
            int protocol =
                    switch (conn.path("proto").asString("tcp")) {
                        case "udp" -> Protocol.UDP;
                        case "sctp" -> Protocol.SCTP;
                        default -> Protocol.TCP;
                    };
            String from = conn.get("from").asString();
            String to = conn.get("to").asString();
            Address destination = Address.parse(host(to));
            TestService service = services.get(ServiceKey.virtual(protocol, destination, port(to)));
            if (service == null) {
                service = services.get(ServiceKey.ofMark(destination.family(), 7));
            }
            Connection existing = connections.get(from + ">" + to);
            Dest picked;
            if (existing != null) {
                picked = existing.dest;
            } else if (service == null) {
                return;
            } else {
                service.nowMs = nowMs;
                picked =
                        service.pick(
                                new TestFlow(
                                        protocol,
                                        Address.parse(host(from)),
                                        port(from),
                                        destination));
                boolean onePacket = service.spec.has(ServiceSpec.ONE_PACKET);
                if (picked != null && !onePacket) {
                    boolean active = protocol == Protocol.TCP;
                    picked.bind(active);
                    connections.put(from + ">" + to, new Connection(picked, active));
                }
            }
            String expected = step.get("pick").asString("nothing");
            if (Address.tryParse(expected) == null) {
                expected = "nothing";
            }
            String got = picked == null ? "nothing" : picked.address.toString();
            assertThat(got).as("step %d: %s to %s", number, from, to).isEqualTo(expected);
        }

        /** A closed connection is inactive until it expires. */
        private void end(String from) {
            for (Map.Entry<String, Connection> entry : connections.entrySet()) {
                Connection connection = entry.getValue();
                if (entry.getKey().startsWith(from + ">") && connection.active) {
                    connection.dest.active--;
                    connection.dest.inactive++;
                    entry.setValue(new Connection(connection.dest, false));
                }
            }
        }
    }

    private static String host(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        return endpoint.substring(0, colon).replaceAll("[\\[\\]]", "");
    }

    private static int port(String endpoint) {
        return Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
    }

    /** The options of a recorded command that matter to schedulers. */
    private static final class Arguments {
        @Nullable ServiceKey key;
        private @Nullable Address address;
        private String scheduler = "wlc";
        private int flags;
        int port;
        int weight = 1;
        int upper;
        int lower;

        Arguments(List<String> words) {
            int mark = 0;
            boolean ipv6 = words.contains("-6");
            boolean direct = words.contains("-g") || words.contains("-i");
            for (int i = 2; i < words.size(); i++) {
                String value = i + 1 < words.size() ? words.get(i + 1) : "";
                switch (words.get(i)) {
                    case "-t" -> key = virtual(Protocol.TCP, value);
                    case "-u" -> key = virtual(Protocol.UDP, value);
                    case "--sctp-service" -> key = virtual(Protocol.SCTP, value);
                    case "-f" -> mark = Integer.parseInt(value);
                    case "-s" -> scheduler = value;
                    case "-b" -> {
                        flags |= value.contains("fallback") ? ServiceSpec.SCHED1 : 0;
                        flags |= value.contains("-port") ? ServiceSpec.SCHED2 : 0;
                    }
                    case "-o" -> flags |= ServiceSpec.ONE_PACKET;
                    case "-w" -> weight = Integer.parseInt(value);
                    case "-y" -> lower = Integer.parseInt(value);
                    case "-x" -> upper = Integer.parseInt(value);
                    case "-r" -> {
                        boolean hasPort = value.contains("]:") || value.matches("[^:]*:[^:]*");
                        address = Address.parse(host(hasPort ? value : value + ":0"));
                        port = hasPort ? port(value) : 0;
                    }
                    default -> {}
                }
            }
            if (mark != 0) {
                key = ServiceKey.ofMark(ipv6 ? Family.IPV6 : Family.IPV4, mark);
            }
            if (key != null && (direct || port == 0)) {
                port = key.port();
            }
        }

        private static ServiceKey virtual(int protocol, String endpoint) {
            return ServiceKey.virtual(protocol, Address.parse(host(endpoint)), port(endpoint));
        }

        ServiceSpec spec(ServiceKey of) {
            return TestService.spec(of, scheduler, flags);
        }

        Address address() {
            if (address == null) {
                throw new IllegalArgumentException("no -r");
            }
            return address;
        }
    }
}
