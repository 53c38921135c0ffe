package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// A TUN interface: IP packets that the host sends to it are received here, and what is sent here
/// the host receives by it. It goes away with the descriptor. Checksums are complete and nothing is
/// merged.
public final class TunDevice extends FrameChannel {
    private static final int O_RDWR = 2;
    private static final int TUNSETIFF = 0x400454ca;
    private static final int IFF_TUN = 0x0001;
    private static final int IFF_NO_PI = 0x1000;
    private static final int NAME_BYTES = 16;

    private final String name;

    private TunDevice(String name, Fd fd) {
        super("TUN device " + name, fd);
        this.name = name;
    }

    /// Makes the interface in the calling thread's namespace; it is down and has no address.
    ///
    /// @throws LinuxException ENOENT if this kernel has no TUN driver, EBUSY if the name is in use
    public static TunDevice open(String name) {
        Links.checkName(name);
        Fd fd = Syscalls.open("/dev/net/tun", O_RDWR);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(40, 8); // struct ifreq: name, flags
            byte[] text = name.getBytes(StandardCharsets.UTF_8);
            MemorySegment.copy(text, 0, request, JAVA_BYTE, 0, text.length);
            request.set(JAVA_SHORT, NAME_BYTES, (short) (IFF_TUN | IFF_NO_PI));
            Syscalls.check(
                    "create TUN device " + name,
                    Syscalls.call(Nr.IOCTL, fd.value(), TUNSETIFF, request.address()));
            return new TunDevice(name, fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    public String name() {
        return name;
    }
}
