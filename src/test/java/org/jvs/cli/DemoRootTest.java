package org.jvs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvs.linux.NetworkNamespace;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code jvs demo} as scripts call it. */
@Tag("root")
class DemoRootTest {
    private record Result(int code, String out, String err) {}

    private static Result demo(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> all = new ArrayList<>(List.of("demo"));
        all.addAll(List.of(arguments));
        int code =
                Jvs.run(
                        all.toArray(String[]::new),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Result(
                code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({"nat,-6", "dr,--scheduler=rr", "tun,-6"})
    void fixedRunIsOneJsonObject(String method, String option) {
        Result result = demo("--once", "--json", "--method", method, option, "--requests", "60");
        assertThat(result.err).isEmpty();
        assertThat(result.code).isZero();
        JsonNode json = new JsonMapper().readTree(result.out);
        assertThat(json.get("method").stringValue()).isEqualTo(method);
        assertThat(json.get("scheduler").stringValue()).isEqualTo("rr");
        assertThat(json.get("requests").intValue()).isEqualTo(60);
        assertThat(json.get("failed").intValue()).isZero();
        assertThat(json.get("connections").intValue()).as("as the director counts").isEqualTo(60);
        assertThat(json.get("served"))
                .isEqualTo(new JsonMapper().valueToTree(Map.of("rs1", 20, "rs2", 20, "rs3", 20)));
    }

    @Test
    void liveRunPrintsLinesWhereThereIsNoTerminal() {
        Result result = demo("--scheduler", "wlc", "--requests", "100");
        assertThat(result.err).isEmpty();
        assertThat(result.code).isZero();
        assertThat(result.out)
                .startsWith("JVS demo: method nat, scheduler wlc, IPv4, XDP ")
                .contains("all realservers take new connections")
                .contains(", 0 failed\n  rs1 served ")
                .doesNotContain("\033");
        assertThat(NetworkNamespace.list()).noneMatch(name -> name.startsWith(ownPrefix()));
    }

    private static String ownPrefix() {
        return "jvs-" + Long.toString(ProcessHandle.current().pid(), 36) + "-";
    }

    @ParameterizedTest
    @CsvSource({
        "--method,gre,--method 'gre' is not nat|dr|tun",
        "--scheduler,best,there is no scheduler 'best'; it is one of rr wrr",
        "--requests,0,--requests 0 is not in 1..1000000"
    })
    void wrongOptionsAreNamed(String option, String value, String message) {
        Result result = demo("--once", option, value);
        assertThat(result.code).isEqualTo(2);
        assertThat(result.err).contains(message.replace("nat|dr|tun", "nat, dr or tun"));
    }
}
