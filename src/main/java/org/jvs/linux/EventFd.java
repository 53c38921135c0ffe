package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// An eventfd(2): one thread signals, another sees it among the descriptors it polls.
public final class EventFd implements AutoCloseable {
    private static final int CLOEXEC_NONBLOCK = 0x80800;

    private final Fd fd =
            new Fd(
                    (int)
                            Syscalls.check(
                                    "eventfd2",
                                    Syscalls.call(Nr.EVENTFD2, 0, CLOEXEC_NONBLOCK, 0)));
    private final Arena arena = Arena.ofShared();
    private final MemorySegment one = arena.allocateFrom(JAVA_LONG, 1);
    private final MemorySegment got = arena.allocate(JAVA_LONG);

    public Fd fd() {
        return fd;
    }

    /// Makes the descriptor readable. Any thread may call it; after [#close()] it does nothing.
    public synchronized void signal() {
        if (fd.isOpen()) {
            Syscalls.call(Nr.WRITE, fd.value(), one.address(), 8);
        }
    }

    /// Takes the signals back.
    ///
    /// @return whether there were any
    public synchronized boolean clear() {
        return fd.isOpen() && Syscalls.call(Nr.READ, fd.value(), got.address(), 8) == 8;
    }

    @Override
    public synchronized void close() {
        if (fd.isOpen()) {
            fd.close();
            arena.close();
        }
    }
}
