package org.jvs.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jvs.control.ControlClient;
import org.jvs.core.proc.ProcFile;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code jvs proc NAME}: what the kernel's {@code /proc/net/NAME} would hold. */
final class Proc implements Subcommand {
    @Override
    public void declare(CommandSpec spec) {
        spec.addPositional(
                PositionalParamSpec.builder()
                        .index("0")
                        .arity("1")
                        .paramLabel("NAME")
                        .type(String.class)
                        .description("one of " + ProcFile.names())
                        .build());
    }

    @Override
    public int run(ParseResult line, PrintStream out, PrintStream err) throws CommandFailure {
        String name = line.matchedPositionalValue(0, "");
        ProcFile file = ProcFile.named(name);
        if (file == null) {
            throw new CommandFailure(
                    "there is no file '" + name + "'; there are " + ProcFile.names(),
                    "./jvs proc " + ProcFile.IP_VS_CONN.fileName());
        }
        PrintWriter lines = new PrintWriter(out, false, StandardCharsets.UTF_8);
        try (ControlClient director = Director.connect()) {
            file.print(director, lines::println);
        }
        lines.flush();
        return 0;
    }
}
