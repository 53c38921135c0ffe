package org.jvs.datapath;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.jvs.ebpf.Program;
import org.jvs.linux.BpfMap;
import org.jvs.linux.Link;
import org.jvs.linux.LinuxException;
import org.jvs.linux.MacAddress;
import org.jvs.linux.XdpLink;
import org.jvs.linux.XdpSocket;

/// An interface that the director is attached to: its program, its sockets, its counters. The
/// watching thread makes and closes it, the packet thread uses it in between.
final class Port {
    final int index;
    final String name;
    final long mac;
    final int mtu;
    volatile Program program;
    final BpfMap socketMap;
    final List<XdpSocket> sockets;

    /// The program's attachment; null before it is attached.
    volatile @Nullable XdpLink link;

    /// Whether it sends what programs give it, rather than dropping it.
    volatile boolean takesRedirects;

    /// What is wrong with the interface, found when it was attached.
    volatile String advice = "";

    /// The queues of its sockets; the packet thread's.
    final List<PortQueue> queues = new ArrayList<>();

    final AtomicLong received = new AtomicLong();
    final AtomicLong sent = new AtomicLong();
    final AtomicLong dropped = new AtomicLong();

    /// Packets that came with a partial checksum.
    final AtomicLong partial = new AtomicLong();

    /// Packets longer than the MTU: merged ones.
    final AtomicLong merged = new AtomicLong();

    Port(Link link, MacAddress mac, Program program, BpfMap socketMap, List<XdpSocket> sockets) {
        this.index = link.index();
        this.name = link.name();
        this.mtu = link.mtu();
        this.mac = mac.bits();
        this.program = program;
        this.socketMap = socketMap;
        this.sockets = sockets;
    }

    void attached(XdpLink attachment) {
        link = attachment;
    }

    /// Whether the program is on the interface; the kernel takes it off when the interface goes.
    boolean isAttached() {
        XdpLink attachment = link;
        return attachment != null && attachment.isAttached();
    }

    /// Adds to a counter that one thread writes.
    static void add(AtomicLong counter, long amount) {
        counter.lazySet(counter.getPlain() + amount);
    }

    /// `native` or `generic`.
    String mode() {
        XdpLink attachment = link;
        boolean isNative = attachment != null && attachment.mode() == XdpLink.Mode.NATIVE;
        return isNative ? "native" : "generic";
    }

    /// The queue to send on, for a packet that came in on one of that number.
    PortQueue queue(int like) {
        return queues.get(like < queues.size() ? like : like % queues.size());
    }

    /// Packets that the kernel could not put on a receive ring.
    long lost() {
        long lost = 0;
        for (XdpSocket socket : sockets) {
            XdpSocket.Statistics statistics = statistics(socket);
            if (statistics != null) {
                lost += statistics.rxDropped() + statistics.rxRingFull();
            }
        }
        return lost;
    }

    /// Those of them that did not fit a frame.
    long tooLong() {
        long tooLong = 0;
        for (XdpSocket socket : sockets) {
            XdpSocket.Statistics statistics = statistics(socket);
            if (statistics != null) {
                // the kernel counts packets that found no frame under both names
                tooLong += Math.max(0, statistics.rxDropped() - statistics.fillRingEmpty());
            }
        }
        return tooLong;
    }

    private static XdpSocket.@Nullable Statistics statistics(XdpSocket socket) {
        try {
            return socket.statistics();
        } catch (IllegalStateException | LinuxException _) {
            return null; // closed meanwhile
        }
    }
}
