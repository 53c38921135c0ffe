package org.jvs.conformance.shell;

import java.util.List;

/** A command that the shell can run. */
@FunctionalInterface
public interface Program {
    /**
     * Runs it.
     *
     * @param arguments the words, the name of the command first
     * @return its exit status
     */
    int run(List<String> arguments, Streams streams);
}
