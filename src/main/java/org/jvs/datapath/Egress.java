package org.jvs.datapath;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.jvs.core.engine.Engine;
import org.jvs.core.wire.Fragmenter;
import org.jvs.core.wire.Packet;
import org.jvs.core.wire.Reason;

/// Sends packets: finds interface and neighbour, cuts what is too long, writes the Ethernet header,
/// puts the frame on a transmit ring. For the packet thread; allocates nothing per packet.
final class Egress implements Waiting.Outlet {
    static final int ETHERNET = 14;

    private static final ValueLayout.OfLong LONG =
            JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int FRAGMENT_OFFSET = 256;
    private static final int CACHE = 4096;
    private static final int LINK_LOCAL = 0xfe80 >>> 6;

    private final HostTables host;
    private final Engine engine;
    private final Frames frames;
    private final MemorySegment memory;
    private final Waiting waiting;
    private final List<Port> ports = new ArrayList<>();
    private final NextHop hop = new NextHop();

    // what next hops were last found; good for one generation of the host's tables and the ports
    private final long[] cachedHi = new long[CACHE];
    private final long[] cachedLo = new long[CACHE];
    private final int[] cachedGeneration = new int[CACHE];
    private final int[] cachedPlace = new int[CACHE];
    private final Port[] cachedPort = new Port[CACHE];
    private int generation = 1;
    private NeighbourTable neighbours = NeighbourTable.EMPTY;
    private HostTables.Snapshot snapshot;

    Egress(
            HostTables host,
            Engine engine,
            Frames frames,
            ResolveRequests requests,
            Runnable wakeup) {
        this.host = host;
        this.engine = engine;
        this.frames = frames;
        this.memory = frames.memory();
        this.waiting = new Waiting(this, requests, wakeup);
        this.snapshot = host.snapshot();
    }

    void add(Port port) {
        ports.add(port);
        generation++;
    }

    void remove(Port port) {
        ports.remove(port);
        waiting.forget(port);
        generation++;
        java.util.Arrays.fill(cachedPort, null);
    }

    /// Takes over what the host's tables say now; to be called before a batch.
    void refresh(long nowMs) {
        HostTables.Snapshot latest = host.snapshot();
        NeighbourTable latestNeighbours = host.neighbours();
        if (latest != snapshot || latestNeighbours != neighbours) {
            snapshot = latest;
            neighbours = latestNeighbours;
            generation++;
        }
        if (!waiting.isEmpty()) {
            waiting.retry(neighbours, nowMs);
        }
    }

    /// Whether packets wait for a neighbour, so that [#refresh] is due soon.
    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    /// Sends a packet with verdict FORWARD or REPLY. The frame in hand that it lies in is sent or
    /// freed.
    ///
    /// @param queue number of the queue it came in on
    void send(Packet packet, int queue, long nowMs) {
        boolean ipv6 = packet.nextHopIpv6;
        long hi = packet.nextHopHi;
        long lo = packet.nextHopLo;
        int cell = (int) ((lo * 0x9e3779b97f4a7c15L + hi) >>> 52);
        Port port;
        int place;
        if (cachedGeneration[cell] == generation && cachedLo[cell] == lo && cachedHi[cell] == hi) {
            port = cachedPort[cell];
            place = cachedPlace[cell];
        } else {
            port = route(ipv6, hi, lo, packet.inInterface);
            if (port == null) {
                drop(packet.start(), Reason.NO_ROUTE);
                return;
            }
            place = neighbours.find(port.index, hop.ipv6, hop.hi, hop.lo);
            // IPv4 and IPv6 next hops cannot be mixed up: ::a.b.c.d is no neighbour
            if (place != NeighbourTable.NONE && hi >>> 54 != LINK_LOCAL) {
                cachedHi[cell] = hi;
                cachedLo[cell] = lo;
                cachedPort[cell] = port;
                cachedPlace[cell] = place;
                cachedGeneration[cell] = generation;
            }
        }
        int mtu = packet.mtu > 0 ? Math.min(packet.mtu, port.mtu) : port.mtu;
        if (packet.length() > mtu) {
            fragment(packet, port, place, mtu, queue, nowMs);
        } else {
            sendOrWait(port, place, packet.start(), packet.length(), isIpv6(packet), queue, nowMs);
        }
    }

    // the outer header of a tunnel packet decides, not what the engine parsed
    private static boolean isIpv6(Packet packet) {
        return packet.u8(0) >>> 4 == 6;
    }

    private @Nullable Port route(boolean ipv6, long hi, long lo, int inInterface) {
        if (ipv6 && hi >>> 54 == LINK_LOCAL) {
            hop.interfaceIndex = inInterface;
            hop.ipv6 = true;
            hop.hi = hi;
            hop.lo = lo;
        } else if (!host.nextHop(ipv6, hi, lo, hop)) {
            return null;
        }
        for (int i = 0; i < ports.size(); i++) {
            if (ports.get(i).index == hop.interfaceIndex) {
                return ports.get(i);
            }
        }
        return null;
    }

    private void sendOrWait(
            Port port, int place, long start, int length, boolean ipv6, int queue, long nowMs) {
        if (place == NeighbourTable.NONE) {
            waiting.add(port, hop, start, length, ipv6, queue, nowMs);
        } else {
            send(port, place, start, length, ipv6, queue);
        }
    }

    private void fragment(Packet packet, Port port, int place, int mtu, int queue, long nowMs) {
        boolean ipv6 = isIpv6(packet);
        int count = Fragmenter.isAllowed(packet) ? Fragmenter.count(packet, mtu) : 0;
        if (count == 0 || count > frames.free()) {
            drop(packet.start(), count == 0 ? Reason.TOO_BIG : Reason.RING_FULL);
            return;
        }
        for (int i = 0; i < count; i++) {
            long start = frames.take() + FRAGMENT_OFFSET + ETHERNET;
            int length = Fragmenter.write(packet, mtu, i, memory, start);
            sendOrWait(port, place, start, length, ipv6, queue, nowMs);
        }
        frames.release(packet.start());
    }

    @Override
    public void send(Port port, int place, long start, int length, boolean ipv6, int queue) {
        long from = start - ETHERNET;
        memory.set(LONG, from, neighbours.mac(place) << 16 | port.mac >>> 32);
        memory.set(INT, from + 8, (int) port.mac);
        memory.set(SHORT, from + 12, (short) (ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4));
        neighbours.use(place);
        if (port.queue(queue).send(from, length + ETHERNET)) {
            Port.add(port.sent, 1);
        } else {
            Port.add(port.dropped, 1);
            drop(start, Reason.RING_FULL);
        }
    }

    private void drop(long start, Reason reason) {
        engine.note(reason);
        frames.release(start);
    }

    @Override
    public void giveUp(long start, Reason reason) {
        drop(start, reason);
    }
}
