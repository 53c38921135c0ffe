package org.jvs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code ./jvs} from where and how people call it. It is told not to build: it would do so beside
 * the Maven that runs this test.
 */
class LauncherTest {
    private static final Path ROOT = Path.of("").toAbsolutePath();

    @TempDir Path directory = Path.of("");

    private record Result(int code, String out, String err) {}

    private Result run(Path workingDirectory, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile(directory, "out", "");
        Path err = Files.createTempFile(directory, "err", "");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(workingDirectory.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        builder.environment().put("JVS_BUILD", "never");
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended within a minute").isTrue();
        return new Result(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    private static String launcher() {
        return ROOT.resolve("jvs").toString();
    }

    @Test
    void helpFitsAScreenAndNamesEverySubcommand() throws Exception {
        Result result = run(ROOT, Map.of(), "./jvs", "--help");
        assertThat(result.err).isEmpty();
        assertThat(result.code).isZero();
        assertThat(result.out.lines()).hasSizeLessThan(24).allMatch(line -> line.length() <= 80);
        assertThat(Subcommands.ALL)
                .allSatisfy(entry -> assertThat(result.out).contains("  " + entry.name() + " "));
    }

    @Test
    void unknownSubcommandSaysWhatToTry() throws Exception {
        Result result = run(ROOT, Map.of(), "./jvs", "stauts");
        assertThat(result.code).isEqualTo(2);
        assertThat(result.out).isEmpty();
        assertThat(result.err.lines())
                .containsExactly(
                        "jvs: there is no subcommand 'stauts'; did you mean 'status'?",
                        "Try: ./jvs --help");
    }

    /** Also of those that the launcher itself carries out. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "director",
                "status",
                "settings",
                "proc",
                "program",
                "conformance",
                "version",
                "build",
                "test"
            })
    void everySubcommandsHelpFitsAScreen(String subcommand) throws Exception {
        Result result = run(ROOT, Map.of(), "./jvs", subcommand, "--help");
        assertThat(result.err).isEmpty();
        assertThat(result.code).isZero();
        assertThat(result.out.lines())
                .isNotEmpty()
                .hasSizeLessThan(24)
                .allMatch(line -> line.length() <= 80);
        assertThat(result.out).startsWith("Usage: ");
    }

    @Test
    void conformanceOfNothingIsNoSuccess() throws Exception {
        Result result = run(ROOT, Map.of(), "./jvs", "conformance");
        assertThat(result.code).isEqualTo(2);
        assertThat(result.err).startsWith("jvs conformance: which recordings?");
    }

    @Test
    void runsFromAnyDirectoryAndThroughSymbolicLinks() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), ROOT.resolve("jvs"));
        Path second = Files.createSymbolicLink(directory.resolve("link-2"), link.getFileName());
        assertThat(run(Path.of("/"), Map.of(), launcher(), "version").out).startsWith("jvs ");
        assertThat(run(directory, Map.of(), "./link-2", "version").out).startsWith("jvs ");
        assertThat(
                        run(
                                        directory,
                                        Map.of("PATH", directory + ":" + System.getenv("PATH")),
                                        "bash",
                                        "-c",
                                        "link version")
                                .out)
                .startsWith("jvs ");
        // JUnit warns of links that lead out of its directory
        Files.delete(second);
        Files.delete(link);
    }

    @Test
    void passesOverAnOldJdk() throws Exception {
        Path old = directory.resolve("jdk-17");
        Files.createDirectories(old.resolve("bin"));
        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");
        for (String tool : List.of("java", "javac")) {
            Path file = Files.writeString(old.resolve("bin/" + tool), "#!/bin/sh\nexit 99\n");
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
        Map<String, String> environment =
                Map.of(
                        "JAVA_HOME",
                        old.toString(),
                        "PATH",
                        old.resolve("bin") + ":" + System.getenv("PATH"));
        Result result = run(ROOT, environment, "./jvs", "version");
        assertThat(result.code).isZero();
        assertThat(result.out).contains("java 25");
    }

    @Test
    void shellScriptsPassShellcheck() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/shellcheck")), "shellcheck is not installed");
        Result result =
                run(
                        ROOT,
                        Map.of(),
                        "shellcheck",
                        "-x",
                        "jvs",
                        ".ci/run",
                        "bin/jdk.sh",
                        "bin/ipvsadm",
                        "bin/ipvsadm-save",
                        "bin/ipvsadm-restore",
                        "src/test/sh/ipvs-selftest.sh");
        assertThat(result.out).isEmpty();
    }
}
