package org.jvs.control;

import java.io.IOException;

/** The director understood that something was asked and refused; its words are the message. */
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
        super(message);
    }
}
