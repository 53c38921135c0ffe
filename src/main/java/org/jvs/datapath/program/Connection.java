package org.jvs.datapath.program;

import org.jvs.core.table.Control;
import org.jvs.core.table.Counters;
import org.jvs.datapath.program.Layout.Destination;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.Var;

/// A connection that was found: whether it lives, its destination, its counters.
final class Connection {
    private static final Field IN_PACKETS = Layout.counter("packets in", Counters.IN_PACKETS);
    private static final Field IN_BYTES = Layout.counter("bytes in", Counters.IN_BYTES);
    private static final Field OUT_PACKETS = Layout.counter("packets out", Counters.OUT_PACKETS);
    private static final Field OUT_BYTES = Layout.counter("bytes out", Counters.OUT_BYTES);

    private static final int MOVING_ONLY = 1 << 5;
    private static final int DESTINATION_SHIFT = 16;
    private static final int TIMEOUT_SHIFT = 48;

    /// A timeout with this bit is in units of 128 s.
    private static final int LONG_TIMEOUT = 1 << 15;

    private static final int LONG_UNIT_SHIFT = 7;

    private final Way way;
    private final Code code;
    private final Network network;

    Connection(Way way, Network network) {
        this.way = way;
        this.code = way.code;
        this.network = network;
    }

    /// The line of the destination that a control word names.
    ///
    /// @param index gets its index
    static void destinationOf(Way way, Var word, Var index, Var line, Label none) {
        index.set(word).shiftRight(DESTINATION_SHIFT).and(Control.MAX_DESTINATIONS - 1);
        if (way.layout.destinations() < Control.MAX_DESTINATIONS) {
            way.code.when(index.ge(way.layout.destinations()), none);
        }
        line.address(Maps.DESTINATIONS, 0);
        index.shiftLeft(6);
        line.add(index);
    }

    /// Reads the clock, finds this CPU's lane of counters, and goes on only with an entry that has
    /// not expired and is not being moved.
    void live() {
        code.note("moving, or expired: the Java engine's business");
        code.when(way.word.has(MOVING_ONLY), way.up);
        Var cpu = code.kernel().cpu();
        code.when(cpu.ge(way.layout.cpus()), way.up);
        Var lane = way.b;
        cpu.mul(way.layout.laneBytes());
        lane.address(Maps.COUNTERS, way.layout.laneBytes());
        lane.add(cpu);
        way.lane.store(lane);
        Clock.read(code, way.now, way.b);
        Var idle = way.b;
        Var timeout = way.c;
        idle.low().set(way.now);
        idle.low().sub(timeout.load(way.entry, network.seen()));
        code.note("another writer's clock may be a moment ahead");
        code.when(idle.low().gt(0xf000_0000L), () -> idle.set(0));
        timeout.set(way.word).shiftRight(TIMEOUT_SHIFT);
        code.when(
                timeout.ge(LONG_TIMEOUT),
                () -> timeout.sub(LONG_TIMEOUT).shiftLeft(LONG_UNIT_SHIFT));
        timeout.mul(1000);
        code.when(idle.ge(timeout), way.up);
    }

    /// Finds the destination's line.
    void destination() {
        destinationOf(way, way.word, way.b, way.destination, way.up);
        way.a.load(way.destination, Destination.WORD);
    }

    /// The destination's method and whether it may be used, to be compared with [#usable].
    void method() {
        way.b.set(way.a).shiftRight(16).and(Destination.METHOD_AND_AVAILABLE);
    }

    /// What [#method] gives for a destination that may be used.
    static int usable(int method) {
        return method | Destination.AVAILABLE >>> 16;
    }

    /// The next hop's line, while [Way#b] has the offset of the destination's.
    void hop() {
        way.hop.address(Maps.HOPS, 0);
        way.hop.add(way.b);
        code.when(way.b.load(way.hop, HopLines.FLAGS).ne(HopLines.USABLE), way.up);
    }

    /// Starts the timeout anew.
    void touch() {
        code.when(
                way.b.load(way.entry, network.seen()).low().ne(way.now),
                () -> way.entry.store(network.seen(), way.now));
    }

    /// Counts the packet with its destination, its service and the whole director.
    void count(boolean output) {
        Var lane = way.a;
        Var line = way.b;
        Var length = way.c;
        network.length(way, length);
        lane.load(way.lane);
        for (Field index : new Field[] {Destination.COUNTERS, Destination.SERVICE}) {
            Label past = code.label("");
            line.load(way.destination, index);
            code.when(line.ge(way.layout.counterLines()), past);
            line.shiftLeft(6).add(lane);
            add(line, output, length);
            code.block(past, () -> {});
        }
        add(lane, output, length);
    }

    private void add(Var line, boolean output, Var length) {
        Field packets = output ? OUT_PACKETS : IN_PACKETS;
        Field bytes = output ? OUT_BYTES : IN_BYTES;
        Var value = way.now;
        line.store(packets, value.load(line, packets).add(1));
        line.store(bytes, value.load(line, bytes).add(length));
    }
}
