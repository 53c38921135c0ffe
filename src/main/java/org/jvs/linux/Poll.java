package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// ppoll(2) over a fixed list of descriptors. For one thread; a call allocates nothing.
public final class Poll implements AutoCloseable {
    public static final int IN = 0x1;
    public static final int OUT = 0x4;
    public static final int ERROR = 0x8;
    public static final int HANGUP = 0x10;

    private static final int ENTRY_BYTES = 8; // int fd, short events, short revents

    private final Arena arena = Arena.ofShared();
    private final List<Fd> descriptors;
    private final MemorySegment entries;
    private final MemorySegment timeout;

    /// Waits for input on each of the descriptors.
    public Poll(Fd... descriptors) {
        this.descriptors = List.of(descriptors);
        entries = arena.allocate(Math.max(1, descriptors.length) * (long) ENTRY_BYTES, 8);
        timeout = arena.allocate(16, 8);
        for (int i = 0; i < descriptors.length; i++) {
            entries.set(JAVA_INT, (long) i * ENTRY_BYTES, descriptors[i].value());
            setEvents(i, IN);
        }
    }

    /// What to wait for on one descriptor: [#IN], [#OUT] or both; 0 ignores it but for errors.
    public void setEvents(int index, int events) {
        entries.set(JAVA_SHORT, (long) index * ENTRY_BYTES + 4, (short) events);
    }

    /// Waits.
    ///
    /// @param timeoutNs nanoseconds, 0 to return at once, negative to wait without limit
    /// @return how many descriptors are ready; 0 after the time or a signal
    public int await(long timeoutNs) {
        timeout.set(JAVA_LONG, 0, timeoutNs / 1_000_000_000);
        timeout.set(JAVA_LONG, 8, timeoutNs % 1_000_000_000);
        long timeoutAddress = timeoutNs < 0 ? 0 : timeout.address();
        long ready =
                Syscalls.call(
                        Nr.PPOLL, entries.address(), descriptors.size(), timeoutAddress, 0, 0, 0);
        if (ready == -Errno.EINTR) {
            return 0;
        }
        return (int) Syscalls.check("ppoll", ready);
    }

    /// What happened on a descriptor in the last [#await]: a mix of [#IN], [#OUT], [#ERROR],
    /// [#HANGUP].
    public int ready(int index) {
        return entries.get(JAVA_SHORT, (long) index * ENTRY_BYTES + 6) & 0xffff;
    }

    /// Frees its memory; the descriptors stay open.
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
