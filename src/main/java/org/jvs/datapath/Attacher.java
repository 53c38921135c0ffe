package org.jvs.datapath;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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

    /// The largest frame that the kernel takes, a page; chosen at the start by what is there then.
    static final int MAX_FRAME = 4096;

    /// Drivers that hand up packets whose checksum is not finished.
    private static final Set<String> PARTIAL = Set.of("veth", "virtio_net", "xen_netfront", "tun");

    private static final int RING = 2048;
    private static final int RING_OF_MANY = 512;
    private static final int MANY_QUEUES = 8;

    private final Umem umem;
    private final BpfMap filter;
    private final boolean generic;
    private final @Nullable FlowPrograms programs;
    private final Ethtool ethtool = Ethtool.open();

    /// @param filter the filter map
    /// @param generic use generic mode even where the driver has native mode
    /// @param programs the compiled path; null has all packets taken by the Java engine
    Attacher(Umem umem, BpfMap filter, boolean generic, @Nullable FlowPrograms programs) {
        this.umem = umem;
        this.filter = filter;
        this.generic = generic;
        this.programs = programs;
    }

    /// The longest packet that fits a frame of that size, Ethernet header included.
    static int room(int frameBytes) {
        return frameBytes - XDP_HEADROOM;
    }

    /// Opens the sockets of an interface of the calling thread's namespace. No packet goes up to
    /// them before [#attach].
    ///
    /// @throws LinuxException if the kernel refuses, naming what
    Port open(Link link) {
        MacAddress mac = Objects.requireNonNull(link.mac(), "an Ethernet interface has an address");
        int queues = Math.max(1, ethtool.channels(link.name()).receiving());
        BpfMap map = BpfMap.xskMap(FilterProgram.SOCKETS.name(), queues);
        List<XdpSocket> sockets = new ArrayList<>();
        try {
            int ring = queues > MANY_QUEUES ? RING_OF_MANY : RING;
            for (int queue = 0; queue < queues; queue++) {
                XdpSocket socket =
                        XdpSocket.open(umem, link.index(), queue, XdpSocket.Mode.COPY, ring);
                sockets.add(socket);
                map.put(queue, socket.fd().value());
            }
            return new Port(link, mac, program(link, mac), map, sockets);
        } catch (RuntimeException e) {
            sockets.forEach(XdpSocket::close);
            map.close();
            throw e;
        }
    }

    private Program program(Link link, MacAddress mac) {
        return programs == null
                ? FilterProgram.of(mac)
                : programs.of(mac, PARTIAL.contains(ethtool.driver(link.name())));
    }

    private BpfProgram load(Port port) {
        List<BpfMap> maps = new ArrayList<>(List.of(filter, port.socketMap));
        if (programs != null) {
            maps.addAll(programs.maps());
        }
        return Loader.loadXdp(port.program, maps.toArray(BpfMap[]::new));
    }

    /// Renders the program anew and puts it in the old one's place.
    ///
    /// @throws LinuxException if the kernel refuses; the old one goes on then
    void renew(Port port, Link link) {
        XdpLink attachment = port.link;
        Program before = port.program;
        if (attachment == null) {
            return;
        }
        port.program = program(link, new MacAddress(port.mac));
        try (BpfProgram loaded = load(port)) {
            attachment.update(loaded);
        } catch (RuntimeException e) {
            port.program = before;
            throw e;
        }
    }

    /// Attaches the program: from now on packets go up to the port's sockets, whose fill rings must
    /// have frames by now. A program without sockets would leave connections to virtual addresses
    /// to the host, which refuses them.
    ///
    /// @throws LinuxException if the kernel refuses; the port is still to be closed then
    void attach(Port port, Link link) {
        try (BpfProgram loaded = load(port)) {
            XdpLink attachment =
                    generic
                            ? XdpLink.attach(loaded, port.index, XdpLink.Mode.GENERIC)
                            : XdpLink.attachBest(loaded, port.index);
            port.attached(attachment);
        }
        probe(port, link);
        port.advice = advice(link, port);
    }

    /// Whether programs forward packets themselves.
    boolean compiles() {
        return programs != null;
    }

    /// Looks whether a port sends what programs give it.
    ///
    /// @return whether that changed
    boolean probe(Port port, Link link) {
        if (programs == null) {
            return false;
        }
        boolean before = port.takesRedirects;
        boolean isNative = port.mode().equals("native");
        port.takesRedirects = RedirectProbe.passes(ethtool, link, isNative);
        programs.sends(port.index, port.takesRedirects);
        return port.takesRedirects != before;
    }

    /// Takes the program away; packets are the host's again.
    void detach(Port port) {
        if (programs != null) {
            programs.sends(port.index, false);
        }
        XdpLink attachment = port.link;
        if (attachment != null) {
            attachment.close();
        }
    }

    /// Closes the sockets of a port without program; the packet thread must have let go of it.
    void close(Port port) {
        port.sockets.forEach(XdpSocket::close);
        port.socketMap.close();
    }

    private String advice(Link link, Port port) {
        List<String> advice = new ArrayList<>();
        int room = room(umem.frameBytes());
        if (link.mtu() + Egress.ETHERNET > room) {
            int mtu = room - Egress.ETHERNET;
            advice.add(
                    "packets longer than "
                            + mtu
                            + " bytes are lost; "
                            + (link.mtu() + Egress.ETHERNET <= room(MAX_FRAME)
                                    ? "start the director anew, or "
                                    : "")
                            + "ip link set "
                            + link.name()
                            + " mtu "
                            + mtu);
        }
        Offloads offloads = offloads(link);
        if (offloads != null && offloads.lro()) {
            advice.add(fix("LRO merges packets, which are lost then", link.name(), "lro off"));
        }
        boolean isGeneric = port.mode().equals("generic");
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
