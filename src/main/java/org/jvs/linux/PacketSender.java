package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jvs.core.net.Family;

/// Sends whole IP packets as the host sends its own (raw(7) with IP_HDRINCL): it finds their way by
/// its rules and routes, for the packet's addresses but without protocol and ports. Nothing is
/// received. For one thread; sending allocates nothing.
public final class PacketSender implements AutoCloseable {
    private static final int SOCK_RAW = 3;
    private static final int IPPROTO_RAW = 255;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SOL_IP = 0;
    private static final int IP_PKTINFO = 8;
    private static final int SOL_IPV6 = 41;
    private static final int IPV6_PKTINFO = 50;
    private static final int IPV6_FREEBIND = 78;
    private static final int MSG_DONTWAIT = 0x40;

    // struct msghdr, then what it points to
    private static final int IOV = 56;
    private static final int NAME = 72;
    private static final int CONTROL = 104;
    private static final int CONTROL_DATA = CONTROL + 16;
    private static final int BYTES = 144;

    private final boolean ipv6;
    private final Fd fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment message = arena.allocate(BYTES, 8);

    private PacketSender(Family family) {
        ipv6 = family == Family.IPV6;
        String what = "raw " + family + " socket";
        fd = Syscalls.socket(what, family.number(), SOCK_RAW, IPPROTO_RAW);
        Syscalls.setOption("SO_RCVBUF", fd, SOL_SOCKET, SO_RCVBUF, 0);
        if (ipv6) {
            // the host may have an address by a route alone
            Syscalls.setOption("IPV6_FREEBIND", fd, SOL_IPV6, IPV6_FREEBIND, 1);
        }
        int info = ipv6 ? 20 : 12;
        long base = message.address();
        message.set(JAVA_LONG, 0, base + NAME);
        message.set(JAVA_INT, 8, ipv6 ? 28 : 16);
        message.set(JAVA_LONG, 16, base + IOV);
        message.set(JAVA_LONG, 24, 1);
        message.set(JAVA_LONG, 32, base + CONTROL);
        message.set(JAVA_LONG, 40, 16 + (info + 7 & ~7));
        message.set(JAVA_SHORT, NAME, (short) family.number());
        message.set(JAVA_LONG, CONTROL, 16 + info);
        message.set(JAVA_INT, CONTROL + 8, ipv6 ? SOL_IPV6 : SOL_IP);
        message.set(JAVA_INT, CONTROL + 12, ipv6 ? IPV6_PKTINFO : IP_PKTINFO);
    }

    /// For the calling thread's namespace.
    ///
    /// @throws LinuxException EPERM unless root, EAFNOSUPPORT if the kernel lacks the family
    public static PacketSender open(Family family) {
        return new PacketSender(family);
    }

    /// Sends a packet of the sender's family.
    ///
    /// @param memory native memory
    /// @param start offset of the IP header, which is all there
    /// @return false if the host did not take it: no route, too long for it, no room
    public boolean send(MemorySegment memory, long start, int length) {
        message.set(JAVA_LONG, IOV, memory.address() + start);
        message.set(JAVA_LONG, IOV + 8, length);
        // its own source address, so that the host's rules for it hold
        if (ipv6) {
            MemorySegment.copy(memory, start + 24, message, NAME + 8, 16);
            MemorySegment.copy(memory, start + 8, message, CONTROL_DATA, 16);
        } else {
            MemorySegment.copy(memory, JAVA_BYTE, start + 16, message, JAVA_BYTE, NAME + 4, 4);
            MemorySegment.copy(
                    memory, JAVA_BYTE, start + 12, message, JAVA_BYTE, CONTROL_DATA + 4, 4);
        }
        return Syscalls.call(Nr.SENDMSG, fd.value(), message.address(), MSG_DONTWAIT) >= 0;
    }

    @Override
    public void close() {
        fd.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
