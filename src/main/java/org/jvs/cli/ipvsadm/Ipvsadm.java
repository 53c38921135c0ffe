package org.jvs.cli.ipvsadm;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.Outcome;

/** The program: one command line in, text and a status out. */
public final class Ipvsadm {
    private Ipvsadm() {}

    /**
     * Runs one ipvsadm command. The streams are written in large pieces, flushed, and not closed.
     *
     * @param args the words after the program's name
     * @param in read by {@code -R} only
     * @param admin asked at most once, when a director is first needed: command lines that are
     *     wrong are refused without one. What it throws as {@link UncheckedIOException} is reported
     *     as ipvsadm reports a kernel without IPVS.
     * @return the exit status, 0..255
     */
    public static int run(
            String[] args,
            InputStream in,
            OutputStream out,
            OutputStream err,
            Names names,
            Supplier<Admin> admin) {
        Console console = new Console(out, err);
        int status;
        try {
            status = run(args, in, console, new Session(console, names, admin));
        } catch (Exit exit) {
            status = exit.status;
        } catch (UncheckedIOException e) {
            console.message(unreachable(e));
            status = 2;
        }
        console.out().flush();
        return status;
    }

    private static int run(String[] args, InputStream in, Console console, Session session) {
        Invocation line;
        if (args.length == 0) {
            line = new Invocation();
            line.command = Option.LIST;
        } else {
            line = Parser.parse(args, console, session.names());
        }
        if (line == null) {
            return 255;
        }
        if (line.command == Option.RESTORE) {
            return new Restore(in, console, session).run();
        }
        Command change = line.change();
        if (change == null) {
            session.show(line);
            return 0;
        }
        Outcome outcome = session.admin().apply(List.of(change)).get(0);
        if (outcome == Outcome.OK) {
            return 0;
        }
        console.message(Messages.of(change, outcome));
        return 255;
    }

    private static @Nullable String orNull(@Nullable Throwable cause) {
        return cause == null ? null : cause.getMessage();
    }

    private static String unreachable(UncheckedIOException e) {
        String why = orNull(e.getCause());
        return "Can't initialize ipvs: " + (why == null ? e.toString() : why);
    }
}
