package org.jvs.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/// A named network namespace, made and found the way `ip netns` does: a bind mount under
/// `/run/netns`, so that `ip netns` sees ours and we see its.
///
/// A namespace belongs to a thread (setns(2)), so one JVM can be in many. A socket stays in the
/// namespace of the thread that made it: open it by [#call(Task)] and use it from anywhere.
@SuppressWarnings("restricted")
public final class NetworkNamespace {
    private static final Path DIRECTORY = Path.of("/run/netns");
    private static final Path CURRENT = Path.of("/proc/thread-self/ns/net");

    private static final int CLONE_NEWNET = 0x40000000;
    private static final int MS_BIND = 0x1000;
    private static final int MS_REC = 0x4000;
    private static final int MS_SHARED = 1 << 20;
    private static final int MNT_DETACH = 2;
    private static final int O_DIRECTORY = directoryFlag();

    private final String name;

    private NetworkNamespace(String name) {
        this.name = name;
    }

    /// Work done inside a namespace.
    @FunctionalInterface
    public interface Task<T, E extends Exception> {
        T call() throws E;
    }

    /// Work without a result done inside a namespace.
    @FunctionalInterface
    public interface Action<E extends Exception> {
        void run() throws E;
    }

    /// Makes a new namespace. Its loopback is down, as the kernel leaves it.
    ///
    /// @throws LinuxException EEXIST if the name is taken, EPERM unless root
    public static NetworkNamespace create(String name) {
        NetworkNamespace namespace = new NetworkNamespace(checked(name));
        prepareDirectory();
        Path path = namespace.path();
        try {
            Files.createFile(path);
        } catch (java.nio.file.FileAlreadyExistsException e) {
            throw new LinuxException("create network namespace " + name, Errno.EEXIST, "it exists");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create " + path, e);
        }
        try {
            onNewThread(
                    "netns-create",
                    () -> {
                        Syscalls.check(
                                "unshare(CLONE_NEWNET)", Syscalls.call(Nr.UNSHARE, CLONE_NEWNET));
                        mount(CURRENT.toString(), path.toString(), "none", MS_BIND);
                        return path;
                    });
        } catch (RuntimeException e) {
            namespace.unlink();
            throw e;
        }
        return namespace;
    }

    /// An existing namespace.
    ///
    /// @throws LinuxException ENOENT if there is none of that name
    public static NetworkNamespace named(String name) {
        if (!exists(name)) {
            throw new LinuxException(
                    "network namespace " + name,
                    Errno.ENOENT,
                    "no such file " + DIRECTORY + "/" + name);
        }
        return new NetworkNamespace(name);
    }

    public static boolean exists(String name) {
        return Files.exists(DIRECTORY.resolve(checked(name)));
    }

    /// The names below /run/netns, sorted.
    public static List<String> list() {
        if (!Files.isDirectory(DIRECTORY)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.map(p -> String.valueOf(p.getFileName())).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + DIRECTORY, e);
        }
    }

    /// The identity of the calling thread's namespace: the inode of its /proc entry. Equal numbers
    /// are the same namespace, whatever its name.
    public static long currentInode() {
        return inodeOf(CURRENT);
    }

    /// The calling thread's namespace, held open: it lives on until the descriptor is closed.
    public static Fd openCurrent() {
        return Syscalls.open(CURRENT.toString(), 0);
    }

    public String name() {
        return name;
    }

    public Path path() {
        return DIRECTORY.resolve(name);
    }

    /// The same identity as [#currentInode()] gives inside.
    public long inode() {
        return inodeOf(path());
    }

    /// A descriptor of the namespace, for moving links into it; the caller closes it.
    public Fd open() {
        return Syscalls.open(path().toString(), 0);
    }

    /// Moves the calling thread into this namespace for good.
    ///
    /// @throws IllegalStateException on a virtual thread, whose carrier others share
    public void enter() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException(
                    "a virtual thread cannot enter a network namespace: use NetworkNamespace.call");
        }
        try (Fd fd = open()) {
            Syscalls.check("setns " + name, Syscalls.call(Nr.SETNS, fd.value(), CLONE_NEWNET, 0));
        }
    }

    /// Runs the task on a platform thread of its own inside this namespace and waits for it. Its
    /// exception, of any kind, is thrown here. Sockets it opens stay in the namespace.
    public <T, E extends Exception> T call(Task<T, E> task) throws E {
        return onNewThread(
                "netns-" + name,
                () -> {
                    enter();
                    return task.call();
                });
    }

    /// As [#call(Task)], without a result.
    public <E extends Exception> void run(Action<E> action) throws E {
        call(() -> {
            action.run();
            return name;
        });
    }

    /// A daemon platform thread, not yet started, that runs inside this namespace.
    public Thread thread(String threadName, Runnable body) {
        return Thread.ofPlatform()
                .name(threadName)
                .daemon()
                .unstarted(() -> {
                    enter();
                    body.run();
                });
    }

    /// Removes the name. The namespace itself ends when its last thread, socket and descriptor do.
    /// No error if it is gone already.
    public void delete() {
        try (Arena arena = Arena.ofConfined()) {
            long path = arena.allocateFrom(path().toString()).address();
            Syscalls.call(Nr.UMOUNT2, path, MNT_DETACH, 0);
        }
        unlink();
    }

    private void unlink() {
        try {
            Files.deleteIfExists(path());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + path(), e);
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /// /run/netns must be a shared mount of its own, or a namespace made here would not be seen (or
    /// could not be removed) in other mount namespaces. The lock is the one `ip` takes.
    private static void prepareDirectory() {
        String directory = DIRECTORY.toString();
        try {
            Files.createDirectories(DIRECTORY);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create " + directory + ": run as root", e);
        }
        try (Fd lock = Syscalls.open(directory, O_DIRECTORY)) {
            int exclusive = 2;
            Syscalls.check(
                    "flock " + directory, Syscalls.call(Nr.FLOCK, lock.value(), exclusive, 0));
            if (tryMount("", directory, "none", MS_SHARED | MS_REC) == -Errno.EINVAL) {
                mount(directory, directory, "none", MS_BIND | MS_REC);
                mount("", directory, "none", MS_SHARED | MS_REC);
            }
        }
    }

    private static void mount(String source, String target, String type, int flags) {
        Syscalls.check("mount " + target, tryMount(source, target, type, flags));
    }

    private static long tryMount(String source, String target, String type, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return Syscalls.call(
                    Nr.MOUNT,
                    arena.allocateFrom(source).address(),
                    arena.allocateFrom(target).address(),
                    arena.allocateFrom(type).address(),
                    flags,
                    0,
                    0);
        }
    }

    private static long inodeOf(Path path) {
        try {
            return (Long) Files.getAttribute(path, "unix:ino");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    private static String checked(String name) {
        if (name.isEmpty() || name.length() > 255 || name.contains("/") || name.startsWith(".")) {
            throw new IllegalArgumentException(
                    "network namespace name '"
                            + name
                            + "' must have 1..255 characters, no '/' and no leading '.'");
        }
        return name;
    }

    private static int directoryFlag() {
        return System.getProperty("os.arch", "").equals("aarch64") ? 0x4000 : 0x10000;
    }

    @SuppressWarnings("unchecked") // the task throws only E and unchecked exceptions
    private static <T, E extends Exception> T onNewThread(String threadName, Task<T, E> task)
            throws E {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread worker =
                Thread.ofPlatform()
                        .name(threadName)
                        .daemon()
                        .start(() -> {
                            try {
                                result.complete(task.call());
                            } catch (Throwable t) {
                                result.completeExceptionally(t);
                            }
                        });
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                    worker.interrupt();
                } catch (ExecutionException e) {
                    Throwable cause = e.getCause();
                    if (cause instanceof Error error) {
                        throw error;
                    }
                    throw (E) cause;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
