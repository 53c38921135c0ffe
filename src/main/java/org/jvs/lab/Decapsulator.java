package org.jvs.lab;

import java.util.ArrayList;
import java.util.List;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.linux.LinuxException;
import org.jvs.linux.Netlink;
import org.jvs.linux.RawIpSocket;
import org.jvs.linux.Sysctl;
import org.jvs.linux.TunDevice;

/// The far end of IPIP tunnels for hosts whose kernel has no ipip device: takes IPv4 and IPv6
/// packets out of IPv4 and IPv6 ones that are addressed to the host (RFC 2003, RFC 2473, RFC 4213)
/// and hands them to its stack through a TUN device, as if they had arrived there bare.
public final class Decapsulator implements AutoCloseable {
    /// The device the inner packets seem to come from.
    public static final String DEVICE = "jvsdecap0";

    private static final int MAX_PACKET = 65_535;

    private final TunDevice tun;
    private final List<RawIpSocket> sockets = new ArrayList<>();

    private Decapsulator(TunDevice tun) {
        this.tun = tun;
    }

    /// Starts in the calling thread's namespace.
    ///
    /// @param netlink of the same namespace
    /// @throws LinuxException EPERM unless root, EBUSY if one runs here already
    public static Decapsulator start(Netlink netlink) {
        Decapsulator decapsulator = new Decapsulator(TunDevice.open(DEVICE));
        try {
            // a client's packets arrive by a device its address is not routed to
            Sysctl.write("net/ipv4/conf/" + DEVICE + "/rp_filter", "0");
            netlink.links().setUp(netlink.links().get(DEVICE).index());
            for (Family outer : Family.values()) {
                for (int inner : new int[] {Protocol.IPIP, Protocol.IPV6}) {
                    decapsulator.listen(outer, inner);
                }
            }
        } catch (RuntimeException e) {
            decapsulator.close();
            throw e;
        }
        return decapsulator;
    }

    private void listen(Family outer, int inner) {
        RawIpSocket socket;
        try {
            socket = RawIpSocket.open(outer, inner);
        } catch (LinuxException e) {
            if (outer == Family.IPV6) {
                return; // a host without IPv6
            }
            throw e;
        }
        sockets.add(socket);
        Thread.ofPlatform()
                .name("decap-" + outer + "-" + inner)
                .daemon()
                .start(() -> run(socket, outer, inner == Protocol.IPIP ? 4 : 6));
    }

    private void run(RawIpSocket socket, Family outer, int innerVersion) {
        byte[] packet = new byte[MAX_PACKET];
        while (true) {
            int length = socket.receive(packet, -1);
            if (length < 0) {
                if (socket.isClosed()) {
                    return;
                }
                continue;
            }
            // of IPv6 a raw socket shows only what follows the header
            int offset = outer == Family.IPV6 || length == 0 ? 0 : (packet[0] & 0x0f) * 4;
            boolean inner = length - offset >= 20 && packet[offset] >> 4 == innerVersion;
            if (inner) {
                tun.send(packet, offset, length - offset);
            }
        }
    }

    @Override
    public void close() {
        sockets.forEach(RawIpSocket::close);
        tun.close();
    }
}
