package org.jvs.datapath;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.jvs.linux.Fd;
import org.jvs.linux.LinuxException;
import org.jvs.linux.Netlink;
import org.jvs.linux.Sysctl;
import org.jvs.linux.TunDevice;

/// The way back to the host's own stack for packets that were handed up and turn out to be the
/// host's: a TUN interface `jvs0`, by which it receives them. The other way round comes what
/// [HostRules] has the host send there. It goes with the process.
final class HostPath implements AutoCloseable {
    /// The interface's name.
    static final String NAME = "jvs0";

    private static final int MTU = 65535;
    private static final int NO_ADDRESS = 1;

    private final TunDevice device;
    private final byte[] copy = new byte[MTU];
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();

    private final int index;

    private HostPath(TunDevice device, int index) {
        this.device = device;
        this.index = index;
    }

    /// Makes the interface in the calling thread's namespace and sets it up so that the host takes
    /// packets from any source by it.
    ///
    /// @throws LinuxException if this kernel has no TUN driver
    static HostPath open(Netlink netlink) {
        TunDevice device = TunDevice.open(NAME);
        try {
            // packets of any source arrive here, which is what these settings are against
            set("net/ipv4/conf/" + NAME + "/rp_filter", 0);
            set("net/ipv4/conf/" + NAME + "/accept_local", 1);
            // no address of its own, and so no chatter of its own
            set("net/ipv6/conf/" + NAME + "/addr_gen_mode", NO_ADDRESS);
            set("net/ipv6/conf/" + NAME + "/accept_ra", 0);
            set("net/ipv6/conf/" + NAME + "/router_solicitations", 0);
            int index = netlink.links().get(NAME).index();
            netlink.links().setMtu(index, MTU);
            netlink.links().setUp(index);
            return new HostPath(device, index);
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    private static void set(String name, int value) {
        if (Sysctl.exists(name)) {
            Sysctl.write(name, Integer.toString(value));
        }
    }

    /// What keeps the host from taking packets by this way, with the command that puts it right;
    /// null if nothing does.
    static @Nullable String advice() {
        // the kernel takes the stricter of the interface's and this one
        return Sysctl.read("net/ipv4/conf/all/rp_filter").orElse("0").equals("1")
                ? "strict reverse path filtering drops what the director gives back to the host;"
                        + " sysctl -w net.ipv4.conf.all.rp_filter=2"
                : null;
    }

    /// Gives a packet to the host; false if it took none.
    boolean send(MemorySegment memory, long start, int length) {
        MemorySegment.copy(memory, JAVA_BYTE, start, copy, 0, length);
        boolean taken = device.send(copy, 0, length);
        AtomicLong counter = taken ? sent : lost;
        counter.lazySet(counter.getPlain() + 1);
        return taken;
    }

    /// Index of the interface.
    int index() {
        return index;
    }

    /// Readable when the host sent a packet.
    Fd fd() {
        return device.fd();
    }

    /// Reads a packet that the host sent; see [TunDevice#receive(MemorySegment, long, int)].
    int receive(MemorySegment memory, long start, int room) {
        return device.receive(memory, start, room);
    }

    /// Counts a packet that the host did not take by another way.
    void countLost() {
        lost.lazySet(lost.getPlain() + 1);
    }

    /// Packets the host took.
    long sent() {
        return sent.get();
    }

    /// Packets it did not take.
    long lost() {
        return lost.get();
    }

    @Override
    public void close() {
        device.close();
    }
}
