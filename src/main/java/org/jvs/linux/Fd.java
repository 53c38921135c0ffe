package org.jvs.linux;

import java.util.concurrent.atomic.AtomicInteger;

/// A file descriptor with one owner. Closing twice is harmless; using it after closing is an error
/// of the caller and says so, rather than reaching whatever got the number next.
public final class Fd implements AutoCloseable {
    private final AtomicInteger number;

    Fd(int number) {
        this.number = new AtomicInteger(number);
    }

    /// The number, for calls that need it.
    public int value() {
        int value = number.get();
        if (value < 0) {
            throw new IllegalStateException("this file descriptor is closed");
        }
        return value;
    }

    public boolean isOpen() {
        return number.get() >= 0;
    }

    /// Closes it. Errors of close(2) are ignored: the number is gone either way.
    @Override
    public void close() {
        int value = number.getAndSet(-1);
        if (value >= 0) {
            Syscalls.call(Nr.CLOSE, value);
        }
    }

    @Override
    public String toString() {
        return "fd " + number.get();
    }
}
