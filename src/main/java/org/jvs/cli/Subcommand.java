package org.jvs.cli;

import java.io.PrintStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * One subcommand of {@code jvs}. To add one, write such a class and name it in {@link
 * Subcommands#ALL}.
 */
public interface Subcommand {
    /**
     * Declares options and positional parameters; the name and {@code --help} are there already.
     * Options are declared in code and not by annotations because reading annotations costs
     * start-up time.
     */
    void declare(CommandSpec spec);

    /**
     * Does the work.
     *
     * @return the exit code
     * @throws CommandFailure with one line for people and the next command to try
     */
    int run(ParseResult line, PrintStream out, PrintStream err) throws Exception;
}
