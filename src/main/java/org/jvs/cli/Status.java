package org.jvs.cli;

import java.io.PrintStream;
import org.jvs.control.ControlClient;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code jvs status}: the running director on one screen, or as JSON. */
final class Status implements Subcommand {
    @Override
    public void declare(CommandSpec spec) {
        spec.addOption(
                OptionSpec.builder("--json")
                        .type(boolean.class)
                        .description("everything as one JSON object")
                        .build());
    }

    @Override
    public int run(ParseResult line, PrintStream out, PrintStream err) throws CommandFailure {
        try (ControlClient director = Director.connect()) {
            if (line.hasMatchedOption("--json")) {
                out.println(StatusJson.of(director));
            } else {
                StatusScreen.of(director).forEach(out::println);
            }
        }
        return 0;
    }
}
