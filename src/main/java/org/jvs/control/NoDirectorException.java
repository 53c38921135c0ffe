package org.jvs.control;

import java.io.IOException;

/** Nobody listens at the control socket, or this user may not speak to it. */
public final class NoDirectorException extends IOException {
    private static final long serialVersionUID = 1;

    /** Whether a director may well run and only refuses this user. */
    private final boolean forbidden;

    NoDirectorException(String message, boolean forbidden, Throwable cause) {
        super(message, cause);
        this.forbidden = forbidden;
    }

    /** Whether the socket is there but not for this user. */
    public boolean isForbidden() {
        return forbidden;
    }
}
