package org.jvs.datapath;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.jvs.core.engine.Engine;
import org.jvs.core.engine.Verdict;
import org.jvs.core.net.Family;
import org.jvs.core.wire.Ip;
import org.jvs.core.wire.Packet;
import org.jvs.core.wire.Reason;
import org.jvs.linux.Fd;
import org.jvs.linux.LinuxException;
import org.jvs.linux.PacketSender;

/// What the host's own servers answer where they are realservers behind NAT, as [HostRules] has it
/// sent to `jvs0`. Answers to clients of the virtual address are translated and sent like any
/// realserver's. All else, as of a client that speaks to the server directly, goes its way
/// unchanged: back to the host, which sends it as if there were no rules of ours.
///
/// For the packet thread; allocates nothing per packet.
final class HostAnswers implements AutoCloseable {
    private static final int BATCH = 64;

    /// Room in a frame for headers in front of a packet.
    static final int HEADROOM = 256 + Egress.ETHERNET;

    private static final int MULTICAST_V4 = 0xe;
    private static final int MULTICAST_V6 = 0xff;

    private final HostPath path;
    private final Engine engine;
    private final Frames frames;
    private final MemorySegment memory;
    private final Egress egress;
    private final Packet packet = new Packet();
    private final PacketSender ipv4;
    private final @Nullable PacketSender ipv6;
    private final AtomicLong received = new AtomicLong();
    private boolean listening;

    /// Opens sockets in the calling thread's namespace.
    HostAnswers(HostPath path, Engine engine, Frames frames, Egress egress) {
        this.path = path;
        this.engine = engine;
        this.frames = frames;
        this.memory = frames.memory();
        this.egress = egress;
        ipv4 = PacketSender.open(Family.IPV4);
        ipv6 = openV6();
    }

    private static @Nullable PacketSender openV6() {
        try {
            return PacketSender.open(Family.IPV6);
        } catch (LinuxException _) {
            return null; // a kernel without IPv6 sends none either
        }
    }

    /// Begins to read; until then nothing is sent there that is worth it.
    void listen() {
        listening = true;
    }

    boolean isListening() {
        return listening;
    }

    /// Readable when a packet is there.
    Fd fd() {
        return path.fd();
    }

    /// Packets that came from the host.
    long received() {
        return received.get();
    }

    /// Takes what is there, a batch at most; how many packets it was.
    int receive(long nowMs) {
        int count = 0;
        while (listening && count < BATCH) {
            long frame = frames.take();
            if (frame < 0) {
                break;
            }
            long start = frame + HEADROOM;
            int room = frames.bytes() - HEADROOM;
            int length = path.receive(memory, start, room);
            if (length <= 0) {
                frames.release(frame);
                break;
            }
            count++;
            if (length == room) {
                engine.note(Reason.TOO_BIG);
                frames.release(frame);
            } else {
                handle(start, length, room, nowMs);
            }
        }
        Port.add(received, count);
        return count;
    }

    private void handle(long start, int length, int room, long nowMs) {
        packet.wrap(memory, start, length, HEADROOM, room);
        packet.fromHost = true;
        Verdict verdict = engine.process(packet, nowMs);
        switch (verdict) {
            case FORWARD -> egress.send(packet, 0, nowMs);
            case REPLY, LOCAL -> {
                // an ICMP error to its sender, which is the host; or its client is the host
                path.send(memory, packet.start(), packet.length());
                frames.release(start);
            }
            case PASS -> pass(start, length);
            case DROP -> {
                if (packet.reason == Reason.FRAGMENT) {
                    // nothing tells whose it is; it must not be lost for those who ask directly
                    pass(start, length);
                } else {
                    frames.release(start);
                }
            }
        }
    }

    private void pass(long start, int length) {
        boolean v6 = packet.u8(0) >>> 4 == 6;
        PacketSender sender = v6 ? ipv6 : ipv4;
        int minimum = v6 ? Ip.V6_HEADER : Ip.V4_HEADER;
        // what the host says to all on an interface was said to jvs0 and nobody else
        if (sender != null
                && length >= minimum
                && !isMulticast(v6)
                && !sender.send(memory, start, length)) {
            path.countLost();
        }
        frames.release(start);
    }

    private boolean isMulticast(boolean v6) {
        return v6
                ? packet.u8(Ip.V6_DESTINATION) == MULTICAST_V6
                : packet.u8(Ip.V4_DESTINATION) >>> 4 == MULTICAST_V4;
    }

    @Override
    public void close() {
        ipv4.close();
        PacketSender second = ipv6;
        if (second != null) {
            second.close();
        }
    }
}
