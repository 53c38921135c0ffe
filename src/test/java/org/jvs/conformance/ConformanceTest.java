package org.jvs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recordings of the kernel's IPVS, and that the judge finds what is wrong. */
final class ConformanceTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    /** Recorded since, in the same laboratory. */
    private static final Path RECORDED = Path.of("src/test/resources/recorded");

    private static final Path ORIGINAL = Path.of("../shared/oracle/golden");

    @TempDir Path directory;

    private static String report(Path... paths) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int status =
                Conformance.run(
                        List.of(paths), new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8) + "exit " + status + "\n";
    }

    @Test
    void theKernelsRecordingsPass() {
        assertThat(report(GOLDEN)).contains(" 0 failed").endsWith("exit 0\n");
    }

    @Test
    void laterRecordingsPass() {
        assertThat(report(RECORDED)).contains(" 0 failed").endsWith("exit 0\n");
    }

    @Test
    void aPacketTooFewOrTooManyFails() throws IOException {
        Path file = changed("packets/udp-tun.json", "\"seen\": [", "\"seen\": [], \"left\": [");
        assertThat(report(file)).contains("<- unexpected:").endsWith("exit 1\n");
    }

    /** The copy in the project is the one that the recorder wrote. */
    @Test
    void theCopyIsTheOriginal() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(ORIGINAL), "no originals beside the checkout");
        List<Path> originals = relative(ORIGINAL);
        assertThat(relative(GOLDEN)).isEqualTo(originals);
        for (Path file : originals) {
            assertThat(GOLDEN.resolve(file)).hasSameBinaryContentAs(ORIGINAL.resolve(file));
        }
    }

    private static List<Path> relative(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .map(root::relativize)
                    .sorted()
                    .toList();
        }
    }

    private Path changed(String recording, String from, String to) throws IOException {
        String text = Files.readString(GOLDEN.resolve(recording));
        assertThat(text).contains(from);
        Path file = directory.resolve("changed.json");
        Files.writeString(file, text.replace(from, to));
        return file;
    }

    @Test
    void aPacketThatDiffersInOneByteFails() throws IOException {
        // the TTL of what rs1 got
        Path file = changed("packets/icmp-echo.json", "3f01547b0a0a0132", "3e01547b0a0a0132");
        assertThat(report(file))
                .contains("FAIL packets/icmp-echo", "first difference at byte 8")
                .contains("0 passed, 1 failed, 0 skipped")
                .endsWith("exit 1\n");
    }

    @Test
    void aWrongRealserverFails() throws IOException {
        Path file = changed("sched/rr-basic-v6.json", "fd00:10:2::24\"", "fd00:10:2::29\"");
        assertThat(report(file)).contains("instead of fd00:10:2::29").endsWith("exit 1\n");
    }

    @Test
    void aFrameToAnotherHostFails() throws IOException {
        Path file = changed("packets/dr-tcp.json", "02:05:00:00:00:22", "02:05:00:00:00:25");
        assertThat(report(file)).contains("instead of 02:05:00:00:00:25").endsWith("exit 1\n");
    }

    @Test
    void anotherOutputFails() throws IOException {
        Path file = changed("cli/stats.json", "Conns   InPkts", "Conns   InPkt ");
        assertThat(report(file)).contains("- Prot LocalAddress:Port").endsWith("exit 1\n");
    }

    @Test
    void anotherExitStatusFails() throws IOException {
        Path file = changed("cli/dup-missing.json", "\"rc\": 255", "\"rc\": 1");
        assertThat(report(file)).contains("exit status 255 instead of 1").endsWith("exit 1\n");
    }

    @Test
    void expiryMayDifferByTwoSecondsOnly() throws IOException {
        assertThat(report(changed("packets/dr-tcp.json", "01:59", "01:57"))).endsWith("exit 0\n");
        assertThat(report(changed("packets/dr-tcp.json", "01:59", "01:56"))).endsWith("exit 1\n");
    }

    @Test
    void aFeatureThatIsMissingIsNamed() throws IOException {
        Path file = directory.resolve("odd.json");
        Files.writeString(
                file,
                """
                {"set": "cli", "name": "odd", "title": "a command nobody knows", "steps": [
                  {"cmd": "frobnicate -x", "rc": 0, "stdout": "", "stderr": ""}]}
                """);
        assertThat(report(file))
                .contains("skip cli/odd: a command nobody knows [shell command frobnicate")
                .contains("0 passed, 0 failed, 1 skipped")
                .endsWith("exit 0\n");
    }

    @Test
    void whatIsNoRecordingFails() throws IOException {
        Path file = directory.resolve("broken.json");
        Files.writeString(file, "{\"steps\": [{\"dance\": 1}]}");
        assertThat(report(directory)).contains("broken.json").endsWith("exit 1\n");
        assertThat(report(directory.resolve("nowhere")))
                .contains("no such file")
                .endsWith("exit 1\n");
    }
}
