package org.jvs.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the director of a network namespace listens: {@code /run/jvs/INODE.sock}, INODE being the
 * number by which the kernel knows the namespace.
 */
public final class ControlSocket {
    private static final Path DIRECTORY = Path.of("/run/jvs");
    private static final Path NAMESPACE = Path.of("/proc/thread-self/ns/net");

    private ControlSocket() {}

    /**
     * The socket of the network namespace that the calling thread is in.
     *
     * @throws IOException if /proc does not tell
     */
    public static Path path() throws IOException {
        return DIRECTORY.resolve(namespace() + ".sock");
    }

    /**
     * The inode number of the calling thread's network namespace, as in {@code net:[4026531840]}.
     */
    private static String namespace() throws IOException {
        String link = Files.readSymbolicLink(NAMESPACE).toString();
        int from = link.indexOf('[');
        int to = link.indexOf(']');
        if (from < 0 || to < from) {
            throw new IOException(NAMESPACE + " reads '" + link + "', not net:[NUMBER]");
        }
        return link.substring(from + 1, to);
    }
}
