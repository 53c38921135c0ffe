package org.jvs.cli.ipvsadm;

import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Where the program writes, and how it complains. */
final class Console {
    /** Work that has to be done before an error is printed, so that messages keep their order. */
    interface Pending {
        void carryOut();
    }

    private static final String PROGRAM = "ipvsadm";

    private final Text out;
    private final Text err;
    private @Nullable Pending pending;

    Console(OutputStream out, OutputStream err) {
        this.out = new Text(out);
        this.err = new Text(err);
    }

    Text out() {
        return out;
    }

    void before(Pending work) {
        pending = work;
    }

    /** Writes a line to the error output, after what pending work has to say. */
    void error(String message) {
        if (pending != null) {
            pending.carryOut();
        }
        message(message);
    }

    /** Writes a line to the error output. */
    void message(String message) {
        out.flush();
        err.add(message).line().flush();
    }

    /** Complains about what the user wrote; the caller throws what it returns. */
    Exit fail(String message) {
        error(message);
        return new Exit(2);
    }

    /** Complains that there is no command; the caller throws what it returns. */
    Exit tryHelp() {
        error("Try `" + PROGRAM + " -h' or '" + PROGRAM + " --help' for more information.");
        return new Exit(-1);
    }
}
