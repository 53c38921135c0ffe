package org.jvs.cli.ipvsadm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.jvs.control.MemoryAdmin;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Every ipvsadm command line recorded with the kernel's IPVS, where packets do not matter. */
class RecordedCommandsTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/cli");

    @TempDir private Path directory;

    private final MemoryAdmin admin = new MemoryAdmin();
    private final Map<String, String> files = new HashMap<>();
    private int status;
    private String output = "";
    private String errors = "";

    static Stream<Path> recordings() throws IOException {
        try (Stream<Path> all = Files.list(GOLDEN)) {
            return all.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void printsWhatIpvsadmPrinted(Path recording) throws IOException {
        Names names = TestNames.of(directory);
        JsonNode scenario = new ObjectMapper().readTree(Files.readString(recording));
        for (JsonNode step : scenario.get("steps")) {
            String command = step.get("cmd").asString();
            if (command.startsWith("cat ")) {
                continue;
            }
            shell(command, step.has("stdin") ? text(step.get("stdin")) : "", names);
            assertThat(errors).as("errors of %s", command).isEqualTo(text(step.get("stderr")));
            assertThat(status).as("status of %s", command).isEqualTo(step.get("rc").asInt());
            if (command.contains("|")) {
                continue;
            }
            String expected = text(step.get("stdout"));
            // the order of the table depends on a kernel address, and with it that of far-apart
            // VIPs
            boolean anyOrder = command.contains("--nosort") || recording.endsWith("bad-addr.json");
            assertThat(anyOrder ? sorted(output) : output)
                    .as(command)
                    .isEqualTo(anyOrder ? sorted(expected) : expected);
        }
    }

    private static String sorted(String text) {
        return text.lines().sorted().reduce("", (a, b) -> a + b + "\n");
    }

    private static String text(JsonNode node) {
        if (!node.isArray()) {
            return node.asString();
        }
        StringBuilder text = new StringBuilder();
        node.forEach(part -> text.append(part.asString()));
        return text.toString();
    }

    /** As much of a shell as the recordings need: lists, redirections, quotes, {@code $?}. */
    private void shell(String line, String stdin, Names names) {
        output = "";
        errors = "";
        StringBuilder all = new StringBuilder();
        StringBuilder allErrors = new StringBuilder();
        for (String part : line.split(";", -1)) {
            String command = part.strip();
            if (command.contains("|")) {
                command = command.substring(0, command.indexOf('|')).strip();
            }
            if (command.startsWith("echo rc=")) {
                all.append("rc=").append(status).append('\n');
                status = 0;
                continue;
            }
            String in = stdin;
            String to = null;
            int redirect = command.indexOf(" < ");
            if (redirect > 0) {
                in = files.getOrDefault(command.substring(redirect + 3), "");
                command = command.substring(0, redirect);
            }
            redirect = command.indexOf(" > ");
            if (redirect > 0) {
                to = command.substring(redirect + 3);
                command = command.substring(0, redirect);
            }
            run(words(command), in, names);
            allErrors.append(errors);
            if (to != null) {
                files.put(to, output);
            } else {
                all.append(output);
            }
        }
        output = all.toString();
        errors = allErrors.toString();
    }

    private static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        for (String word : command.split(" +", -1)) {
            if (!word.isEmpty()) {
                words.add(word.equals("''") ? "" : word);
            }
        }
        return words;
    }

    private void run(List<String> words, String stdin, Names names) {
        if (words.getFirst().equals("ipvsadm-restore")) {
            run(List.of("ipvsadm", "-C"), "", names);
            run(List.of("ipvsadm", "-R"), stdin, names);
            return;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        status =
                Ipvsadm.run(
                        words.subList(1, words.size()).toArray(new String[0]),
                        new ByteArrayInputStream(stdin.getBytes(UTF_8)),
                        out,
                        err,
                        names,
                        () -> admin);
        output = out.toString(UTF_8);
        errors = err.toString(UTF_8);
    }
}
