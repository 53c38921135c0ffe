package org.jvs.cli;

import java.io.PrintStream;
import org.jvs.core.admin.Admin;
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
        Admin admin = Director.connect();
        if (line.hasMatchedOption("--json")) {
            out.println(StatusJson.of(admin));
        } else {
            StatusScreen.of(admin).forEach(out::println);
        }
        return 0;
    }
}
