package org.jvs.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code jvs version}: what to state in a bug report. */
final class Version implements Subcommand {
    static final String JVS = "0.1.0";

    @Override
    public void declare(CommandSpec spec) {}

    @Override
    public int run(ParseResult line, PrintStream out, PrintStream err) {
        out.println("jvs " + JVS);
        out.println("java " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
        out.println("linux " + kernel() + " " + System.getProperty("os.arch"));
        return 0;
    }

    private static String kernel() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
        } catch (IOException _) {
            return "of unknown version";
        }
    }
}
