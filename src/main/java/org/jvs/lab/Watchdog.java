package org.jvs.lab;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Closes sockets whose write does not end in time: unlike reads, writes know no timeout.
final class Watchdog {
    private static final ScheduledExecutorService TIMER =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("lab-watchdog").daemon().factory());

    private Watchdog() {}

    /// A write to be watched.
    interface Write {
        void run() throws IOException;
    }

    /// Runs the write; it fails if it takes longer than that.
    ///
    /// @param timeoutMs milliseconds
    static void watch(SocketChannel channel, int timeoutMs, Write write) throws IOException {
        Future<?> end = TIMER.schedule(() -> close(channel), timeoutMs, TimeUnit.MILLISECONDS);
        try {
            write.run();
        } finally {
            end.cancel(false);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            // the write fails either way
        }
    }
}
