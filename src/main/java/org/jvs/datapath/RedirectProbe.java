package org.jvs.datapath;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.jvs.ebpf.Register.R1;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jvs.ebpf.Code;
import org.jvs.linux.BpfProgram;
import org.jvs.linux.Ethtool;
import org.jvs.linux.Link;
import org.jvs.linux.LinuxException;
import org.jvs.linux.MacAddress;

/// Whether an interface sends what an XDP program gives it. A veth whose other end has neither an
/// XDP program nor GRO takes such packets and drops them, and says so nowhere; nothing can be
/// asked, so a frame that nobody wants is sent, and the driver's counter looked at.
final class RedirectProbe {
    private static final String SENT = "_xdp_xmit";

    /// Bytes of the least Ethernet frame, without its check sequence.
    private static final int FRAME = 60;

    /// Local experimental EtherType (IEEE 802), to the sender's own address.
    private static final int ETHERTYPE = 0x88b5;

    private RedirectProbe() {}

    /// Whether the interface, of the calling thread's namespace, takes redirected packets. Drivers
    /// other than veth do where they run programs natively.
    static boolean passes(Ethtool ethtool, Link link, boolean isNative) {
        if (!isNative) {
            return false;
        }
        if (!ethtool.driver(link.name()).equals("veth")) {
            return true;
        }
        try {
            long before = sent(ethtool, link);
            send(link);
            return sent(ethtool, link) > before;
        } catch (LinuxException _) {
            return false; // before Linux 5.18, which cannot send so
        }
    }

    private static long sent(Ethtool ethtool, Link link) {
        return ethtool.statistics(link.name()).entrySet().stream()
                .filter(each -> each.getKey().endsWith(SENT))
                .mapToLong(java.util.Map.Entry::getValue)
                .sum();
    }

    private static void send(Link link) {
        Code code = new Code("jvs_probe");
        code.exit(code.kernel().redirect(code.var("out", R1).set(link.index())));
        try (Arena arena = Arena.ofConfined();
                BpfProgram program = Loader.loadXdp(code.program())) {
            MemorySegment frame = arena.allocate(FRAME, 8);
            MacAddress mac = link.mac();
            if (mac != null) {
                MemorySegment.copy(mac.toBytes(), 0, frame, JAVA_BYTE, 0, 6);
                MemorySegment.copy(mac.toBytes(), 0, frame, JAVA_BYTE, 6, 6);
            }
            frame.set(JAVA_BYTE, 12, (byte) (ETHERTYPE >>> 8));
            frame.set(JAVA_BYTE, 13, (byte) ETHERTYPE);
            program.runLive(frame, 1, 1);
        }
    }
}
