package org.jvs.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The {@code jvs} command. Exit codes: 0 done, 1 the work failed, 2 the command line is wrong. */
public final class Jvs {
    private Jvs() {}

    /** Runs the subcommand that the arguments name and ends the JVM. */
    public static void main(String[] arguments) {
        PrintStream out = stream(FileDescriptor.out);
        PrintStream err = stream(FileDescriptor.err);
        int code = run(arguments, out, err);
        out.flush();
        err.flush();
        System.exit(code);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** As {@link #main}, within this JVM; returns the exit code. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        String name = arguments.length == 0 ? "--help" : arguments[0];
        if (name.equals("--help") || name.equals("-h") || name.equals("help")) {
            help(out);
            return 0;
        }
        if (name.equals("--version") || name.equals("-V")) {
            name = "version";
        }
        Subcommands.Entry entry = Subcommands.find(name);
        if (entry == null) {
            err.println("jvs: there is no subcommand '" + name + "'" + guess(name));
            err.println("Try: ./jvs --help");
            return 2;
        }
        if (entry.create() == null) {
            err.println("jvs: '" + name + "' is done by the launcher");
            err.println("Try: ./jvs " + name);
            return 2;
        }
        return run(entry.create().get(), entry, arguments, out, err);
    }

    private static int run(
            Subcommand command,
            Subcommands.Entry entry,
            String[] arguments,
            PrintStream out,
            PrintStream err) {
        String name = entry.name();
        CommandSpec spec = CommandSpec.create().name("jvs " + name);
        spec.usageMessage().description(entry.summary());
        spec.addOption(
                OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("this text")
                        .build());
        command.declare(spec);
        CommandLine commandLine = new CommandLine(spec);
        try {
            String[] rest = java.util.Arrays.copyOfRange(arguments, 1, arguments.length);
            ParseResult line = commandLine.parseArgs(rest);
            if (line.isUsageHelpRequested()) {
                commandLine.usage(out, CommandLine.Help.Ansi.OFF);
                return 0;
            }
            return command.run(line, out, err);
        } catch (ParameterException e) {
            err.println("jvs " + name + ": " + e.getMessage());
            err.println("Try: ./jvs " + name + " --help");
            return 2;
        } catch (CommandFailure e) {
            err.println("jvs " + name + ": " + e.getMessage());
            err.println("Try: " + e.next());
            return 1;
        } catch (UncheckedIOException e) {
            // what a control client throws
            Throwable cause = e.getCause();
            err.println("jvs " + name + ": " + (cause == null ? e : cause.getMessage()));
            err.println("Try: sudo ./jvs status, which tells whether the director is there");
            return 1;
        } catch (Exception e) {
            err.println("jvs " + name + ": " + e);
            if (System.getenv("JVS_TRACE") != null) {
                e.printStackTrace(err);
            } else {
                err.println(
                        "Try: JVS_TRACE=1 ./jvs " + name + " ..., which shows where it happened");
            }
            return 1;
        }
    }

    private static void help(PrintStream out) {
        out.println("JVS " + Version.JVS + ", the Linux Virtual Server in Java.");
        out.println();
        out.println("Usage: jvs SUBCOMMAND [OPTION...]      (jvs SUBCOMMAND --help tells more)");
        out.println();
        for (Subcommands.Entry entry : Subcommands.ALL) {
            out.println("  " + pad(entry.name(), 12) + entry.summary());
        }
        out.println();
        out.println(
                "Services are configured with bin/ipvsadm, as ever. First time here? ./jvs demo");
    }

    static String pad(String text, int width) {
        return text + " ".repeat(Math.max(1, width - text.length()));
    }

    /** The subcommand that begins alike, as a question; else nothing. */
    private static String guess(String name) {
        for (Subcommands.Entry entry : Subcommands.ALL) {
            if (!name.isEmpty() && entry.name().startsWith(name.substring(0, 1))) {
                return "; did you mean '" + entry.name() + "'?";
            }
        }
        return "";
    }
}
