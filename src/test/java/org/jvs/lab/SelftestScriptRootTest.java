package org.jvs.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `src/test/sh/ipvs-selftest.sh`: the director and ipvsadm as a script for the kernel's IPVS uses
/// them.
@Tag("root")
class SelftestScriptRootTest {
    private static final int SKIPPED = 4;
    private static final Path ROOT = Path.of("").toAbsolutePath();

    @TempDir Path directory = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"nat", "dr", "tun"})
    void passes(String method) throws Exception {
        Path out = directory.resolve("out");
        ProcessBuilder builder =
                new ProcessBuilder(ROOT.resolve("src/test/sh/ipvs-selftest.sh").toString(), method)
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile());
        // the launchers would look for sources to build; this runs the classes under test
        builder.environment().put("JVS", command("jvs", "org.jvs.cli.Jvs"));
        builder.environment().put("IPVSADM", command("ipvsadm", "org.jvs.cli.ipvsadm.Main"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("ended in time").isTrue();
        } finally {
            process.destroy();
        }
        String said = Files.readString(out);
        assumeTrue(process.exitValue() != SKIPPED, said);
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said).endsWith("all passed\n");
    }

    private String command(String name, String mainClass) throws IOException {
        List<String> java = LabDirector.javaCommand();
        java.set(java.size() - 1, mainClass);
        Path file = directory.resolve(name);
        Files.writeString(file, "#!/bin/sh\nexec '" + String.join("' '", java) + "' \"$@\"\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file.toString();
    }
}
