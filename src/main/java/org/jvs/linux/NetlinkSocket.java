package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// A netlink socket: sends requests and gathers answers. It belongs to the network namespace of the
/// thread that opened it, whichever thread uses it later. One request at a time.
final class NetlinkSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int NETLINK_ROUTE = 0;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SOL_NETLINK = 270;
    private static final int ADD_MEMBERSHIP = 1;
    private static final int CAP_ACK = 10;
    private static final int EXT_ACK = 11;
    private static final int GET_STRICT_CHK = 12;

    private static final int TYPE_ERROR = 2;
    private static final int TYPE_DONE = 3;
    private static final int FLAG_DUMP_INTERRUPTED = 0x10;
    private static final int FLAG_ACK_TLVS = 0x200;
    private static final int ATTR_MSG = 1;
    private static final int DUMP_TRIES = 10;

    /// The largest message the kernel sends is a 32 KB dump page.
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Fd fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, 8);
    private int sequence;

    /// One message of an answer: its type and what follows the header.
    record Message(int type, int flags, int sequence, ByteBuffer payload) {}

    NetlinkSocket() {
        fd = Syscalls.socket("socket(AF_NETLINK)", AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment address = scratch.allocate(12, 4);
            address.set(JAVA_SHORT, 0, (short) AF_NETLINK);
            Syscalls.bind("bind(AF_NETLINK)", fd, address);
            Syscalls.setOption("NETLINK_CAP_ACK", fd, SOL_NETLINK, CAP_ACK, 1);
            Syscalls.setOption("NETLINK_EXT_ACK", fd, SOL_NETLINK, EXT_ACK, 1);
            Syscalls.setOption("NETLINK_GET_STRICT_CHK", fd, SOL_NETLINK, GET_STRICT_CHK, 1);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    Fd fd() {
        return fd;
    }

    void join(int group) {
        Syscalls.setOption("NETLINK_ADD_MEMBERSHIP", fd, SOL_NETLINK, ADD_MEMBERSHIP, group);
    }

    void receiveBuffer(int bytes) {
        try {
            Syscalls.setOption("SO_RCVBUFFORCE", fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes);
        } catch (LinuxException e) {
            // Without CAP_NET_ADMIN the limit of net.core.rmem_max holds.
            Syscalls.setOption("SO_RCVBUF", fd, SOL_SOCKET, SO_RCVBUF, bytes);
        }
    }

    /// Sends a request that changes something, or asks for one object, and waits for the kernel's
    /// word on it.
    ///
    /// @param what names the request in an exception
    /// @return what came before the acknowledgement
    /// @throws LinuxException with the kernel's errno and its own explanation, if it gave one
    synchronized List<Message> request(String what, NetlinkMessage message) {
        List<Message> answers = new ArrayList<>();
        exchange(what, message, answers);
        return answers;
    }

    /// As [#request], for a dump; asks again if the kernel says that things changed underneath.
    synchronized List<Message> dump(String what, NetlinkMessage message) {
        List<Message> answers = new ArrayList<>();
        for (int i = 0; i < DUMP_TRIES; i++) {
            answers.clear();
            if (exchange(what, message, answers)) {
                return answers;
            }
        }
        // Ten changes during ten dumps: the last one is as good an answer as there is.
        return answers;
    }

    /// Sends and gathers; false if a dump was interrupted by a change.
    private boolean exchange(String what, NetlinkMessage message, List<Message> answers) {
        int expected = ++sequence;
        byte[] bytes = message.encode(expected);
        // ACK and DUMP exclude each other: a dump ends with DONE.
        boolean consistent = true;
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment request = scratch.allocate(bytes.length, 4);
            MemorySegment.copy(bytes, 0, request, JAVA_BYTE, 0, bytes.length);
            Syscalls.check(
                    what,
                    Syscalls.call(Nr.SENDTO, fd.value(), request.address(), bytes.length, 0, 0, 0));
        }
        while (true) {
            List<Message> batch = new ArrayList<>();
            receive(what, 0, batch);
            for (Message answer : batch) {
                if (answer.sequence() != expected) {
                    continue; // the rest of an answer that an exception cut short
                }
                consistent &= (answer.flags() & FLAG_DUMP_INTERRUPTED) == 0;
                if (answer.type() == TYPE_ERROR) {
                    throwIfError(what, answer);
                    return consistent;
                }
                if (answer.type() == TYPE_DONE) {
                    int error = answer.payload().remaining() >= 4 ? answer.payload().getInt(0) : 0;
                    if (error < 0) {
                        throw new LinuxException(what, -error);
                    }
                    return consistent;
                }
                answers.add(answer);
            }
        }
    }

    private static void throwIfError(String what, Message answer) {
        ByteBuffer payload = answer.payload();
        int error = payload.getInt(0);
        if (error == 0) {
            return;
        }
        String text = "";
        int afterEcho = 4 + NetlinkMessage.HEADER_BYTES;
        if ((answer.flags() & FLAG_ACK_TLVS) != 0 && payload.remaining() > afterEcho) {
            ByteBuffer rest = payload.slice(afterEcho, payload.remaining() - afterEcho);
            text = NetlinkAttributes.parse(rest).string(ATTR_MSG);
        }
        throw new LinuxException(what, -error, text);
    }

    /// Reads one datagram and appends its messages.
    ///
    /// @param flags for recvfrom(2), as in MSG_DONTWAIT
    /// @return false if nothing was there (with MSG_DONTWAIT)
    /// @throws LinuxException ENOBUFS if messages were lost
    synchronized boolean receive(String what, int flags, List<Message> into) {
        int messageTruncated = 0x20;
        long got;
        do {
            got =
                    Syscalls.call(
                            Nr.RECVFROM,
                            fd.value(),
                            buffer.address(),
                            BUFFER_BYTES,
                            flags | messageTruncated,
                            0,
                            0);
        } while (got == -Errno.EINTR);
        if (got == -Errno.EAGAIN) {
            return false;
        }
        int length = (int) Syscalls.check(what, got);
        if (length > BUFFER_BYTES) {
            throw new LinuxException(what, Errno.EMSGSIZE, "netlink datagram of " + length);
        }
        byte[] copy = buffer.asSlice(0, length).toArray(JAVA_BYTE);
        split(ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder()), into);
        return true;
    }

    /// Takes a datagram apart into its messages.
    static void split(ByteBuffer datagram, List<Message> into) {
        int at = 0;
        while (at + NetlinkMessage.HEADER_BYTES <= datagram.limit()) {
            int length = datagram.getInt(at);
            if (length < NetlinkMessage.HEADER_BYTES || length > datagram.limit() - at) {
                throw new IllegalArgumentException(
                        "netlink message of length " + length + " runs over the datagram");
            }
            ByteBuffer payload =
                    datagram.slice(
                                    at + NetlinkMessage.HEADER_BYTES,
                                    length - NetlinkMessage.HEADER_BYTES)
                            .order(ByteOrder.nativeOrder());
            into.add(
                    new Message(
                            datagram.getShort(at + 4) & 0xffff,
                            datagram.getShort(at + 6) & 0xffff,
                            datagram.getInt(at + 8),
                            payload));
            at += length + 3 & ~3;
        }
    }

    @Override
    public void close() {
        fd.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
