package org.jvs.cli.ipvsadm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvs.control.ControlClient;
import org.jvs.control.ControlServer;
import org.jvs.control.MemoryAdmin;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.Command;

/** {@code ipvsadm -R}: in batches, as if line by line; and listings that it comes back from. */
class RestoreTest {
    @TempDir private Path directory;

    private final MemoryAdmin admin = new MemoryAdmin();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Names names = new FileNames(Path.of("none"), Path.of("none"), false);

    @BeforeEach
    void names() throws IOException {
        names = TestNames.of(directory);
    }

    private int run(String stdin, Admin director, String... args) {
        out.reset();
        err.reset();
        return Ipvsadm.run(
                args,
                new ByteArrayInputStream(stdin.getBytes(UTF_8)),
                out,
                err,
                names,
                () -> director);
    }

    private String output() {
        return out.toString(UTF_8);
    }

    @Test
    void aHundredThousandLinesTakeAHundredRequestsAndComeBackTheSame() throws IOException {
        StringBuilder rules = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            String service = " -t 10.1." + i / 256 + "." + i % 256 + ":80";
            rules.append("-A").append(service).append(" -s wlc\n");
            for (int j = 1; j <= 10; j++) {
                rules.append("-a").append(service).append(" -r 192.168.0." + j + ":8080 -m -w 1\n");
            }
        }
        try (ControlServer server = ControlServer.open(directory.resolve("s"), admin);
                ControlClient client = ControlClient.connect(server.path())) {
            assertThat(run(rules.toString(), client, "-R")).isZero();
            assertThat(server.requests()).isEqualTo(110);
            assertThat(run("", client, "-Sn")).isZero();
            assertThat(output()).isEqualTo(rules.toString());
        }
        assertThat(err.toString(UTF_8)).isEmpty();
    }

    @Test
    void messagesComeInTheOrderOfLinesAndAParseErrorLeavesWhatCameBefore() {
        String rules =
                """
                -A -t 10.0.0.1:80
                -A -t 10.0.0.1:80
                -D -t 10.0.0.9:80
                -Q
                -A -t 10.0.0.2:80
                -d -t 10.0.0.2:80 -r 10.0.0.3
                -A -t nonsense
                -A -t 10.0.0.4:80
                """;
        // -Q is no command at all, which ends the program there and then
        assertThat(run(rules, admin, "-R")).isEqualTo(255);
        assertThat(err.toString(UTF_8))
                .isEqualTo(
                        """
                        Service already exists
                        No such service
                        Try `ipvsadm -h' or 'ipvsadm --help' for more information.
                        """);
        admin.apply(List.of(new Command.Flush()));
        assertThat(run(rules.replace("-Q\n", "-C -Q\n"), admin, "-R")).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .isEqualTo(
                        """
                        Service already exists
                        No such service
                        -Q: unknown option
                        No such destination
                        illegal virtual server address[:port] specified
                        """);
        assertThat(run("", admin, "-Sn")).isZero();
        assertThat(output()).isEqualTo("-A -t 10.0.0.1:80 -s wlc\n-A -t 10.0.0.2:80 -s wlc\n");
    }

    /** Seen with ipvsadm 1.31 itself; the last column is its exit status. */
    @ParameterizedTest
    @CsvSource({
        "'-A -t 1.2.3.4:80', '-A -t 1.2.3.4:80 -s wlc\n', 0",
        "'-A -t 1.2.3.4:80 ', '-A -t 1.2.3.4:80 -s wlc\n', 0",
        "'-A -t 1.2.3.4:80  ', '', 0",
        "'\n   \n\t-A -t 1.2.3.4:80\r\n', '-A -t 1.2.3.4:80 -s wlc\n', 0",
        "'-A ipvsadm -t 1.2.3.4:80\n', '-A -t 1.2.3.4:80 -s wlc\n', 0",
        "'ipvsadm\n-A -t 1.2.3.4:80', '-A -t 1.2.3.4:80 -s wlc\n', 0",
        "'-A -t 1.2.3.4:80 # comment\n', '', 2",
        "'# comment\n', '', 255",
        "'-R\n', '', 255",
        "'-C -X9\n', '', 255",
        "'-C -X9\n-C\n', '', 0",
        "'', '', 0",
    })
    void readsLinesAsTheOriginalDoes(String input, String saved, int status) {
        assertThat(run(input, admin, "-R")).isEqualTo(status);
        run("", admin, "-Sn");
        assertThat(output()).isEqualTo(saved);
    }

    @Test
    void listsBetweenChangesSeeThem() {
        assertThat(run("-A -t 10.0.0.1:80\n-Ln -t 10.0.0.1:80\n-C\n-S\n", admin, "-R")).isZero();
        assertThat(output()).contains("TCP  10.0.0.1:80 wlc\n");
    }

    @Test
    void saysWhatToDoWithoutADirector() {
        int status =
                Ipvsadm.run(
                        new String[] {"-Ln"},
                        new ByteArrayInputStream(new byte[0]),
                        out,
                        err,
                        names,
                        () -> {
                            throw new UncheckedIOException(new IOException("no director"));
                        });
        assertThat(status).isEqualTo(2);
        assertThat(err.toString(UTF_8)).isEqualTo("Can't initialize ipvs: no director\n");
    }
}
