package org.jvs.cli;

import java.io.IOException;
import org.jvs.control.ControlClient;
import org.jvs.control.NoDirectorException;

/** The director of the network namespace that this process runs in. */
final class Director {
    private static final String START = "sudo ./jvs director";

    private Director() {}

    /**
     * Connects to its control socket.
     *
     * @throws CommandFailure if there is none, or it may not be used
     */
    static ControlClient connect() throws CommandFailure {
        try {
            return ControlClient.connect();
        } catch (NoDirectorException e) {
            throw e.isForbidden()
                    ? new CommandFailure("only root may speak to the director", "sudo ./jvs status")
                    : new CommandFailure("no director runs in this network namespace", START);
        } catch (IOException e) {
            throw new CommandFailure("the director cannot be reached: " + e.getMessage(), START);
        }
    }
}
