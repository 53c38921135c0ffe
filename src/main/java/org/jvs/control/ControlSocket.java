package org.jvs.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the director of a network namespace listens: {@code /run/jvs/INODE.sock}, INODE being the
 * number by which the kernel knows the namespace; or what {@code JVS_SOCKET} in the environment
 * says.
 */
public final class ControlSocket {
    private static final String DIRECTORY = "/run/jvs";
    private static final String NAMESPACE = "/proc/thread-self/ns/net";

    private ControlSocket() {}

    /**
     * The socket of the network namespace that the calling thread is in.
     *
     * @throws IOException if /proc does not tell
     */
    public static Path path() throws IOException {
        String chosen = System.getenv("JVS_SOCKET");
        if (chosen != null && !chosen.isEmpty()) {
            return Path.of(chosen);
        }
        String link = Files.readSymbolicLink(Path.of(NAMESPACE)).toString();
        int from = link.indexOf('[');
        int to = link.indexOf(']');
        if (from < 0 || to < from) {
            throw new IOException(NAMESPACE + " reads '" + link + "', not net:[NUMBER]");
        }
        return Path.of(DIRECTORY, link.substring(from + 1, to) + ".sock");
    }
}
