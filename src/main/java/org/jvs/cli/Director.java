package org.jvs.cli;

import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Admin;

/** The director of the network namespace that this process runs in. */
final class Director {
    private Director() {}

    /**
     * Connects to its control socket.
     *
     * @throws CommandFailure if there is none, or it may not be used
     */
    static Admin connect() throws CommandFailure {
        Admin client = client();
        if (client == null) {
            throw new CommandFailure(
                    "no director runs in this network namespace", "sudo ./jvs director");
        }
        return client;
    }

    /** The control client, once there is one. */
    private static @Nullable Admin client() {
        return null;
    }
}
