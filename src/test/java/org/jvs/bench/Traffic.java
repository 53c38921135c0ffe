package org.jvs.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jvs.conformance.host.PacketBuilder;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.engine.DirectorOptions;
import org.jvs.core.engine.Engine;
import org.jvs.core.engine.Verdict;
import org.jvs.core.net.Protocol;
import org.jvs.core.wire.Checksum;
import org.jvs.core.wire.Ip;
import org.jvs.core.wire.Packet;
import org.jvs.testing.Rig;

/**
 * A director of the default size with one service, and a packet that can be made any flow's. Each
 * packet is written anew before it is processed, as a ring would bring it; that is part of what is
 * measured (some 5 ns).
 */
final class Traffic {
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int CLIENTS = 0x0b000000;

    /** Packets that a datapath takes from its ring at a time. */
    static final int BATCH = 32;

    private static final int FRAME = 2048;
    private static final int START = 128;
    private static final int PAYLOAD = 64;

    final Rig rig;
    private final Engine engine;
    private final Packet packet = new Packet();
    private final MemorySegment memory;
    private final int[] lengths = new int[BATCH];
    private final MemorySegment request;
    private final MemorySegment reply;
    private final boolean ipv6;
    private final int ports;
    private final int requestClient;
    private final int replyClient;
    private final int flagsAt;
    private final int realserverAt;

    /** The lower half of each realserver's address, in the order in which rr takes them. */
    private final short[] realservers;

    private int now;

    Traffic(Arena arena, boolean ipv6, ForwardingMethod method, String scheduler, int servers) {
        this.ipv6 = ipv6;
        realservers = new short[servers];
        for (int i = 0; i < servers; i++) {
            // destinations are kept newest first, and rr begins there
            int server = servers - 1 - i;
            realservers[i] = (short) (server / 250 * 256 + server % 250 + 1);
        }
        rig = new Rig(arena, DirectorOptions.withSeed(0x5eed));
        engine = rig.engine;
        now = (int) rig.now;
        ServiceKey service = rig.add(Protocol.TCP, ipv6 ? Rig.VIP6 : Rig.VIP, 80, scheduler);
        for (int i = 0; i < servers; i++) {
            rig.add(service, realserver(i), 8080, method);
        }
        String client = ipv6 ? "fd01::" : "11.0.0.0";
        PacketBuilder there =
                PacketBuilder.from(client, 0).to(ipv6 ? Rig.VIP6 : Rig.VIP, 80).payload(PAYLOAD);
        PacketBuilder back = PacketBuilder.from(realserver(0), 8080).to(client, 0).payload(PAYLOAD);
        request = copy(arena, there.tcp(Ip.ACK).bytes());
        reply = copy(arena, back.tcp(Ip.ACK).bytes());
        memory = arena.allocate(FRAME * BATCH, 64);
        int header = ipv6 ? Ip.V6_HEADER : Ip.V4_HEADER;
        requestClient = ipv6 ? Ip.V6_SOURCE + 12 : Ip.V4_SOURCE;
        replyClient = ipv6 ? Ip.V6_DESTINATION + 12 : Ip.V4_DESTINATION;
        realserverAt = ipv6 ? Ip.V6_SOURCE + 14 : Ip.V4_SOURCE + 2;
        ports = header;
        flagsAt = header + Ip.TCP_FLAGS;
    }

    private String realserver(int i) {
        return (ipv6 ? "fd00:1::" : "10.1.")
                + (ipv6 ? Integer.toHexString(i + 1) : i / 250 + "." + (i % 250 + 1));
    }

    private static MemorySegment copy(Arena arena, byte[] bytes) {
        MemorySegment memory = arena.allocate(bytes.length, 64);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return memory;
    }

    /** Establishes flows 0 to {@code count} - 1. */
    void establish(int count) {
        for (int flow = 0; flow < count; flow++) {
            send(flow, Ip.SYN);
            if (send(flow, Ip.ACK) != Verdict.FORWARD) {
                throw new IllegalStateException("flow " + flow + ": " + packet.reason);
            }
        }
    }

    /** A client's packet. */
    Verdict send(int flow, int flags) {
        putRequest(0, flow, flags);
        return process(0);
    }

    /** Makes a frame a client's packet. */
    void putRequest(int frame, int flow, int flags) {
        long start = put(frame, request);
        memory.set(INT, start + requestClient, CLIENTS + (flow >>> 14));
        memory.set(SHORT, start + ports, (short) (1024 + (flow & 0x3fff)));
        memory.set(ValueLayout.JAVA_BYTE, start + flagsAt, (byte) flags);
        sumUp(start);
    }

    /** Makes a frame a realserver's; all flows must have been scheduled by rr in their order. */
    void putReply(int frame, int flow) {
        long start = put(frame, reply);
        memory.set(INT, start + replyClient, CLIENTS + (flow >>> 14));
        memory.set(SHORT, start + ports + 2, (short) (1024 + (flow & 0x3fff)));
        memory.set(SHORT, start + realserverAt, realservers[flow % realservers.length]);
        sumUp(start);
    }

    /** Makes a frame a packet to somebody else. */
    void putUnrelated(int frame, int flow) {
        long start = put(frame, request);
        memory.set(INT, start + requestClient, CLIENTS + flow);
        int to = ipv6 ? Ip.V6_DESTINATION + 12 : Ip.V4_DESTINATION;
        memory.set(INT, start + to, 0x0c000000 + flow);
        sumUp(start);
    }

    /** Makes IPv4's header checksum right, which the engine looks at. */
    private void sumUp(long start) {
        if (!ipv6) {
            memory.set(SHORT, start + Ip.V4_CHECKSUM, (short) 0);
            int sum = Checksum.sumOfHeader(memory, start);
            memory.set(SHORT, start + Ip.V4_CHECKSUM, (short) ~sum);
        }
    }

    private long put(int frame, MemorySegment bytes) {
        long start = (long) frame * FRAME + START;
        MemorySegment.copy(bytes, 0, memory, start, bytes.byteSize());
        lengths[frame] = (int) bytes.byteSize();
        return start;
    }

    /** Processes a frame. */
    Verdict process(int frame) {
        wrap(frame);
        return engine.process(packet, now);
    }

    /** Announces all frames, then processes them, as the datapath does; how many went on. */
    int processBatch(int expected) {
        for (int frame = 0; frame < BATCH; frame++) {
            wrap(frame);
            engine.expect(packet);
        }
        int forwarded = 0;
        for (int frame = 0; frame < BATCH; frame++) {
            forwarded += process(frame) == Verdict.FORWARD ? 1 : 0;
        }
        if (forwarded != expected) {
            throw new IllegalStateException(forwarded + " forwarded, last " + packet.reason);
        }
        return forwarded;
    }

    private void wrap(int frame) {
        long start = (long) frame * FRAME + START;
        packet.wrap(memory, start, lengths[frame], Packet.HEADROOM, FRAME - START);
    }

    /** Lets a millisecond pass. */
    void tick() {
        now++;
    }
}
