package org.jvs.cli;

import java.io.Serial;

/** A subcommand could not do its work: what went wrong, and the next command to try. */
public final class CommandFailure extends Exception {
    @Serial private static final long serialVersionUID = 1;

    private final String next;

    /**
     * @param message one line that names the value and what is allowed
     * @param next a command, for example {@code sudo ./jvs director}
     */
    public CommandFailure(String message, String next) {
        super(message);
        this.next = next;
    }

    /** The next command to try. */
    public String next() {
        return next;
    }
}
