package org.jvs.datapath;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.jvs.ebpf.Program;
import org.jvs.linux.BpfMap;
import org.jvs.linux.BpfProgram;
import org.jvs.linux.Errno;
import org.jvs.linux.Ethtool;
import org.jvs.linux.Link;
import org.jvs.linux.LinuxException;
import org.jvs.linux.MacAddress;
import org.jvs.linux.Offloads;
import org.jvs.linux.Umem;
import org.jvs.linux.XdpLink;
import org.jvs.linux.XdpSocket;

/// Makes a [Port] of an interface: AF_XDP sockets on all its receive queues, the program that
/// redirects to them, and a look at the settings that would spoil packets.
final class Attacher implements AutoCloseable {
    /// Room that XDP keeps before a packet in its frame.
    private static final int XDP_HEADROOM = 256;

    private static final int RING = 2048;
    private static final int RING_OF_MANY = 512;
    private static final int MANY_QUEUES = 8;

    private final Umem umem;
    private final BpfMap filter;
    private final boolean generic;
    private final Ethtool ethtool = Ethtool.open();

    /// @param filter the filter map
    /// @param generic use generic mode even where the driver has native mode
    Attacher(Umem umem, BpfMap filter, boolean generic) {
        this.umem = umem;
        this.filter = filter;
        this.generic = generic;
    }

    /// The longest packet that fits a frame of that size, Ethernet header included.
    static int room(int frameBytes) {
        return frameBytes - XDP_HEADROOM;
    }

    /// Attaches to an interface of the calling thread's namespace. Nothing goes up before
    /// [#open(Port)].
    ///
    /// @throws LinuxException if the kernel refuses, naming what
    Port attach(Link link) {
        MacAddress mac = Objects.requireNonNull(link.mac(), "an Ethernet interface has an address");
        int queues = Math.max(1, ethtool.channels(link.name()).receiving());
        BpfMap map = BpfMap.xskMap(FilterProgram.SOCKETS.name(), queues);
        List<XdpSocket> sockets = new ArrayList<>();
        XdpLink attachment = null;
        try {
            int ring = queues > MANY_QUEUES ? RING_OF_MANY : RING;
            for (int queue = 0; queue < queues; queue++) {
                sockets.add(XdpSocket.open(umem, link.index(), queue, XdpSocket.Mode.COPY, ring));
            }
            Program program = FilterProgram.of(mac);
            attachment = attach(link, program, map);
            String advice = advice(link, attachment);
            return new Port(link, mac, attachment, program, map, sockets, advice);
        } catch (RuntimeException e) {
            if (attachment != null) {
                attachment.close();
            }
            sockets.forEach(XdpSocket::close);
            map.close();
            throw e;
        }
    }

    private XdpLink attach(Link link, Program program, BpfMap socketMap) {
        try (BpfProgram loaded = Loader.loadXdp(program, filter, socketMap)) {
            return generic
                    ? XdpLink.attach(loaded, link.index(), XdpLink.Mode.GENERIC)
                    : XdpLink.attachBest(loaded, link.index());
        }
    }

    /// Lets packets go up to a port's sockets, whose fill rings have frames now.
    void open(Port port) {
        for (XdpSocket socket : port.sockets) {
            port.socketMap.put(socket.queue(), socket.fd().value());
        }
    }

    /// Detaches; the packet thread must have let go of the port.
    void close(Port port) {
        port.link.close();
        port.sockets.forEach(XdpSocket::close);
        port.socketMap.close();
    }

    private String advice(Link link, XdpLink attachment) {
        List<String> advice = new ArrayList<>();
        int room = room(umem.frameBytes());
        if (link.mtu() + Egress.ETHERNET > room) {
            int mtu = room - Egress.ETHERNET;
            advice.add(
                    "packets longer than "
                            + mtu
                            + " bytes are lost; ip link set "
                            + link.name()
                            + " mtu "
                            + mtu);
        }
        Offloads offloads = offloads(link);
        if (offloads != null && offloads.lro()) {
            advice.add(fix("LRO merges packets, which are lost then", link.name(), "lro off"));
        }
        boolean isGeneric = attachment.mode() == XdpLink.Mode.GENERIC;
        if (offloads != null && offloads.gro() && isGeneric) {
            advice.add(fix("GRO merges packets, which are lost then", link.name(), "gro off"));
        }
        return String.join("; ", advice);
    }

    private static String fix(String what, String name, String command) {
        return what + "; ethtool -K " + name + " " + command;
    }

    private @Nullable Offloads offloads(Link link) {
        try {
            return ethtool.offloads(link.name());
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENODEV || e.errno() == Errno.EOPNOTSUPP) {
                return null;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        ethtool.close();
    }
}
