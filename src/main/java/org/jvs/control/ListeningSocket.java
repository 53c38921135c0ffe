package org.jvs.control;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The one socket at which the director of a network namespace listens. */
final class ListeningSocket implements AutoCloseable {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    /**
     * The lock files this process holds. The kernel's record locks belong to a process, and closing
     * any descriptor of such a file gives the lock up: a second director in this process must not
     * come as far as opening it.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final Path lockFile;
    private final FileChannel lock;
    private final ServerSocketChannel channel;

    private ListeningSocket(
            Path path, Path lockFile, FileChannel lock, ServerSocketChannel channel) {
        this.path = path;
        this.lockFile = lockFile;
        this.lock = lock;
        this.channel = channel;
    }

    /**
     * Listens at a path, as the only director there. A lock beside the socket tells a director that
     * runs from one that crashed, whose socket is replaced. The socket gets mode 0600 in a
     * directory that only its owner may enter, and only then its name: nobody else can connect in
     * between.
     *
     * @throws IOException if a director runs there already, naming its process, or the place cannot
     *     be written
     */
    static ListeningSocket listen(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        Path directory = Objects.requireNonNull(absolute.getParent(), "a socket path has a name");
        Files.createDirectories(
                directory,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path lockFile = directory.resolve(absolute.getFileName() + ".lock");
        if (!HELD.add(lockFile)) {
            throw new IOException("this process already runs a director at " + path);
        }
        FileChannel lock = null;
        try {
            lock = lock(lockFile, path);
            ServerSocketChannel channel = bind(directory, absolute);
            return new ListeningSocket(absolute, lockFile, lock, channel);
        } catch (IOException | RuntimeException e) {
            if (lock != null) {
                lock.close();
            }
            HELD.remove(lockFile);
            throw e;
        }
    }

    private static FileChannel lock(Path lockFile, Path path) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        lockFile,
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        try {
            if (channel.tryLock() == null) {
                ByteBuffer text = ByteBuffer.allocate(32);
                channel.read(text, 0);
                String pid = new String(text.array(), 0, text.position(), US_ASCII).trim();
                throw new IOException(
                        "a director already runs in this network namespace (process "
                                + (pid.isEmpty() ? "unknown" : pid)
                                + ", socket "
                                + path
                                + "); stop it first");
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(US_ASCII)));
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static ServerSocketChannel bind(Path directory, Path path) throws IOException {
        Path hidden = Files.createTempDirectory(directory, "new");
        Path unnamed = hidden.resolve("s");
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.bind(UnixDomainSocketAddress.of(unnamed));
            Files.setPosixFilePermissions(unnamed, OWNER_ONLY);
            Files.move(unnamed, path, StandardCopyOption.ATOMIC_MOVE);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            Files.deleteIfExists(unnamed);
            throw e;
        } finally {
            Files.deleteIfExists(hidden);
        }
    }

    ServerSocketChannel channel() {
        return channel;
    }

    /** Where it listens. */
    Path name() {
        return path;
    }

    /** Stops listening and removes the socket; the lock file stays, unlocked. */
    @Override
    public void close() throws IOException {
        try {
            channel.close();
            Files.deleteIfExists(path);
        } finally {
            lock.close();
            HELD.remove(lockFile);
        }
    }
}
