package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Whole packets in and out, one a call. One thread may receive while another sends; [#close()]
/// from a third ends the wait of the first.
public abstract sealed class FrameChannel implements AutoCloseable
        permits PacketSocket, RawIpSocket, TunDevice {
    private static final int MAX_BYTES = 64 * 1024 + 64;

    private final String what;
    private final Fd fd;
    private final EventFd wakeup = new EventFd();
    private final Poll poll;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment receiveBuffer = arena.allocate(MAX_BYTES, 8);
    private final MemorySegment sendBuffer = arena.allocate(MAX_BYTES, 8);
    private final Object receiving = new Object();
    private final Object sending = new Object();
    private volatile boolean closed;

    FrameChannel(String what, Fd fd) {
        this.what = what;
        this.fd = fd;
        Syscalls.setNonBlocking(fd);
        poll = new Poll(fd, wakeup.fd());
    }

    /// Readable when a packet is there.
    public Fd fd() {
        return fd;
    }

    /// Whether [#close()] was called.
    public boolean isClosed() {
        return closed;
    }

    /// Waits for a packet and copies it into `into`; what does not fit is cut off.
    ///
    /// @param timeoutMs milliseconds, 0 to only look, negative to wait without limit
    /// @return its length, or -1 if none came in time or the channel was closed
    public int receive(byte[] into, long timeoutMs) {
        synchronized (receiving) {
            if (closed) {
                return -1;
            }
            long got = read();
            if (got == -Errno.EAGAIN && timeoutMs != 0) {
                poll.await(timeoutMs < 0 ? -1 : timeoutMs * 1_000_000);
                got = closed ? -Errno.EAGAIN : read();
            }
            // ENETDOWN: the interface went down, which is not the end of the socket.
            if (got == -Errno.EAGAIN || got == -Errno.EINTR || got == -Errno.ENETDOWN) {
                return -1;
            }
            int length = Math.min((int) Syscalls.check("receive from " + what, got), into.length);
            MemorySegment.copy(receiveBuffer, JAVA_BYTE, 0, into, 0, length);
            return length;
        }
    }

    private long read() {
        return Syscalls.call(Nr.READ, fd.value(), receiveBuffer.address(), MAX_BYTES);
    }

    /// Reads a packet that is there already; allocates nothing.
    ///
    /// @param into native memory
    /// @param room in bytes; what does not fit is cut off
    /// @return its length, `room` for one that may have been cut; 0 if none is there
    public int receive(MemorySegment into, long offset, int room) {
        synchronized (receiving) {
            if (closed) {
                return 0;
            }
            long got = Syscalls.call(Nr.READ, fd.value(), into.address() + offset, room);
            return switch ((int) -got) {
                case Errno.EAGAIN, Errno.EINTR, Errno.ENETDOWN, Errno.EIO -> 0;
                default -> (int) Syscalls.check("receive from " + what, got);
            };
        }
    }

    /// Sends a packet.
    ///
    /// @return false if the device has no room, or is down; the packet is lost as on a busy wire
    public boolean send(byte[] packet, int offset, int length) {
        if (length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a packet of " + length + " bytes is not in 0.." + MAX_BYTES);
        }
        synchronized (sending) {
            if (closed) {
                return false;
            }
            MemorySegment.copy(packet, offset, sendBuffer, JAVA_BYTE, 0, length);
            long sent = Syscalls.call(Nr.WRITE, fd.value(), sendBuffer.address(), length);
            return switch ((int) -sent) {
                case Errno.EAGAIN, Errno.ENOBUFS, Errno.ENETDOWN, Errno.EIO -> false;
                default -> Syscalls.check("send " + length + " bytes to " + what, sent) >= 0;
            };
        }
    }

    @Override
    public void close() {
        closed = true;
        wakeup.signal();
        synchronized (receiving) {
            synchronized (sending) {
                if (fd.isOpen()) {
                    fd.close();
                    poll.close();
                    wakeup.close();
                    arena.close();
                }
            }
        }
    }
}
