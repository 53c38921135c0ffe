package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Tells the service manager how we are (sd_notify(3)): one datagram of `KEY=value` lines to the
/// UNIX socket named by the environment. Where there is no service manager nothing happens.
public final class SdNotify {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int MAX_PATH_BYTES = 107;

    private final @Nullable String socket;

    private SdNotify(@Nullable String socket) {
        this.socket = socket;
    }

    /// For the socket in `NOTIFY_SOCKET`, or for none.
    public static SdNotify fromEnvironment() {
        return of(System.getenv("NOTIFY_SOCKET"));
    }

    /// For a socket of that name; `@` at its head stands for the abstract namespace (unix(7)).
    public static SdNotify of(@Nullable String socket) {
        return new SdNotify(socket == null || socket.isEmpty() ? null : socket);
    }

    /// Whether anybody listens.
    public boolean isActive() {
        return socket != null;
    }

    /// Start-up is complete; `status` is a line for people.
    public void ready(String status) {
        send("READY=1\nSTATUS=" + status + "\nMAINPID=" + ProcessHandle.current().pid());
    }

    public void status(String status) {
        send("STATUS=" + status);
    }

    public void stopping() {
        send("STOPPING=1");
    }

    /// For `WatchdogSec=`.
    public void watchdog() {
        send("WATCHDOG=1");
    }

    /// Sends lines as they are. A service manager that does not listen is no reason to stop
    /// working: errors are ignored.
    ///
    /// @return whether it was delivered
    public boolean send(String lines) {
        String name = socket;
        if (name == null) {
            return false;
        }
        byte[] path = name.getBytes(StandardCharsets.UTF_8);
        if (path.length > MAX_PATH_BYTES) {
            return false;
        }
        if (path[0] == '@') {
            path[0] = 0;
        }
        byte[] text = lines.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined();
                Fd fd = Syscalls.socket("socket(AF_UNIX)", AF_UNIX, SOCK_DGRAM, 0)) {
            MemorySegment address = arena.allocate(2L + path.length, 8); // struct sockaddr_un
            address.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(path, 0, address, JAVA_BYTE, 2, path.length);
            MemorySegment message = arena.allocate(text.length, 1);
            MemorySegment.copy(text, 0, message, JAVA_BYTE, 0, text.length);
            int dontWait = 0x40;
            return Syscalls.call(
                            Nr.SENDTO,
                            fd.value(),
                            message.address(),
                            text.length,
                            dontWait,
                            address.address(),
                            address.byteSize())
                    >= 0;
        }
    }
}
