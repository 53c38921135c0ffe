package org.jvs.control;

import java.io.IOException;
import java.util.List;

/** Answers one of the questions that {@code jvs status} and its kin put to a running director. */
@FunctionalInterface
public interface QueryHandler {
    /**
     * Writes the answer, which goes out as it is written and may be long. Runs on the client's own
     * thread and may block.
     *
     * @throws IllegalArgumentException if the arguments are wrong; the client gets the message
     * @throws IOException if the client went away, passed on from {@code answer}
     */
    void answer(List<String> arguments, Appendable answer) throws IOException;
}
