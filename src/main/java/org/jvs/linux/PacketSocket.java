package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Ethernet frames of one interface, header included (packet(7)). It gets a copy of what the host's
/// stack gets too; what an XDP program took away it does not see.
public final class PacketSocket extends FrameChannel {
    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW = 3;
    private static final int SOL_PACKET = 263;
    private static final int IGNORE_OUTGOING = 23;
    private static final int ETH_P_ALL = 3;

    private PacketSocket(String what, Fd fd) {
        super(what, fd);
    }

    /// All frames that arrive on an interface of the calling thread's namespace; not those it
    /// sends.
    public static PacketSocket open(int interfaceIndex) {
        return open(interfaceIndex, ETH_P_ALL, false);
    }

    /// As [#open(int)] for one protocol.
    ///
    /// @param etherType as in 0x0800; 3 for all
    /// @param outgoing whether to see also what the host sends; needs `etherType` 3
    public static PacketSocket open(int interfaceIndex, int etherType, boolean outgoing) {
        String what = "AF_PACKET socket on link " + interfaceIndex;
        Fd fd = Syscalls.socket(what, AF_PACKET, SOCK_RAW, 0);
        try (Arena arena = Arena.ofConfined()) {
            if (!outgoing) {
                Syscalls.setOption("PACKET_IGNORE_OUTGOING", fd, SOL_PACKET, IGNORE_OUTGOING, 1);
            }
            MemorySegment address = arena.allocate(20, 4); // struct sockaddr_ll
            address.set(JAVA_SHORT, 0, (short) AF_PACKET);
            address.set(JAVA_SHORT, 2, Short.reverseBytes((short) etherType)); // network order
            address.set(JAVA_INT, 4, interfaceIndex);
            Syscalls.bind("bind " + what, fd, address);
            return new PacketSocket(what, fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }
}
