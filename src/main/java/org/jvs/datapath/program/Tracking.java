package org.jvs.datapath.program;

import static org.jvs.ebpf.Register.R0;

import org.jvs.core.net.Protocol;
import org.jvs.core.state.TcpState;
import org.jvs.core.table.Control;
import org.jvs.core.wire.Ip;
import org.jvs.datapath.program.Layout.Destination;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Headers.Tcp;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.Var;

/// Moves a connection's state with a packet, as the engine's `Tracker` does: the new control word
/// is put together from [Transitions], and exchanged if it differs. What only Java does (a SYN that
/// may start anew, a template that becomes assured) goes up before anything was changed.
final class Tracking {
    /// Rounds against other writers; then the packet goes up.
    private static final int ATTEMPTS = 3;

    private static final int STATE_MASK = 31;
    private static final int KEY_SHIFT = 16;

    private final Way way;
    private final Code code;
    private final Network network;
    private final boolean tcp;
    private final boolean output;

    Tracking(Way way, Network network, int protocol, boolean output) {
        this.way = way;
        this.code = way.code;
        this.network = network;
        this.tcp = protocol == Protocol.TCP;
        this.output = output;
    }

    /// Keeps [Way#entry], [Way#now], [Way#destination] and [Way#hop].
    void observe() {
        Label done = code.label("state_kept");
        Label swapped = code.label("state_changed");
        Var after = way.c;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            transition(after);
            template(after);
            code.when(after.eq(way.word), done);
            Var before = code.var("before", R0).set(way.word);
            way.entry.compareExchange(network.control(), before, after);
            code.when(before.eq(way.word), swapped);
            code.note("somebody else was faster: is it still this connection, and alive?");
            way.word.xor(before).shiftLeft(KEY_SHIFT).shiftRight(KEY_SHIFT);
            code.when(
                    way.word
                            .and(~(STATE_MASK | (int) (Control.INACTIVE | Control.NO_OUTPUT)))
                            .ne(0),
                    way.up);
            way.word.set(before);
        }
        code.jump(way.up);
        code.block(swapped, () -> recount(after));
        code.block(done, () -> {});
    }

    /// A SYN on a connection that ended, or whose destination is quiesced, may start a new one.
    private void mayStartAnew(Var flags) {
        Var state = way.c;
        Label old = code.label("");
        code.when(flags.lacks(Ip.SYN), old);
        code.when(state.load(way.destination, Destination.WEIGHT).eq(0), way.up);
        code.when(way.word.has(Control.CONTROLLED), old);
        state.set(way.word).and(STATE_MASK);
        code.when(state.eq(TcpState.TIME_WAIT), way.up);
        code.when(state.eq(TcpState.CLOSE), way.up);
        code.when(state.eq(TcpState.FIN_WAIT).and(way.word.has(Control.NO_OUTPUT)), way.up);
        code.block(old, () -> {});
    }

    /// The control word after the packet.
    private void transition(Var after) {
        Var element = way.b;
        if (!tcp) {
            code.note("the protocol's timeout");
            element.address(Maps.TRANSITIONS, Transitions.UDP);
            element.load(element, Transitions.ELEMENT);
            after.set(-1L >>> KEY_SHIFT).and(way.word).or(element);
            return;
        }
        Var offset = way.a;
        event(offset);
        after.set(way.word).and(STATE_MASK).shiftLeft(3);
        offset.add(after);
        element.address(Maps.TRANSITIONS, 0);
        element.add(offset);
        element.load(element, Transitions.ELEMENT);
        long kept = Transitions.KEPT & (output ? ~Control.NO_OUTPUT : -1);
        after.set(kept).and(way.word).or(element);
    }

    /// Offset of the row of a TCP packet.
    private void event(Var offset) {
        Var flags = way.b;
        Label known = code.label("event");
        Label rare = code.label("");
        int direction = output ? TcpState.OUTPUT : TcpState.INPUT;
        flags.load(network.transport(way), Tcp.FLAGS);
        offset.set(Transitions.row(direction, Transitions.ACK));
        code.when(flags.has(Ip.RST | Ip.SYN | Ip.FIN), rare);
        code.when(flags.has(Ip.ACK), known);
        code.block(
                rare,
                "the first that applies",
                () -> {
                    if (!output) {
                        mayStartAnew(flags);
                    }
                    Label set = code.label("");
                    choose(offset, flags, Ip.RST, Transitions.RST, direction, set);
                    choose(offset, flags, Ip.SYN, Transitions.SYN, direction, set);
                    choose(offset, flags, Ip.FIN, Transitions.FIN, direction, set);
                    offset.set(Transitions.row(direction, Transitions.NONE));
                    code.block(set, () -> {});
                });
        code.block(known, () -> {});
        if (!output) {
            code.note("do replies pass the director?");
            Var inputOnly = flags;
            inputOnly.set(way.word).and(Control.NO_OUTPUT);
            offset.add(inputOnly.shiftLeft(Transitions.NO_OUTPUT_SHIFT));
        }
    }

    private void choose(Var offset, Var flags, int flag, int event, int direction, Label set) {
        offset.set(Transitions.row(direction, event));
        code.when(flags.has(flag), set);
    }

    /// Goes on only if the connection has no template, or one that needs no change.
    private void template(Var after) {
        if (!way.shape.persistent()) {
            code.when(way.word.has(Control.CONTROLLED), way.up);
            return;
        }
        if (!tcp && !output) {
            return;
        }
        Label past = code.label("");
        code.when(way.word.lacks(Control.CONTROLLED), past);
        Var link = way.b;
        Var template = way.a;
        if (tcp) {
            code.when(link.set(after).and(STATE_MASK).ne(TcpState.ESTABLISHED), past);
        }
        code.note("the template has to be assured by now");
        link.load(way.entry, network.link()).low().sub(1);
        code.when(link.ge(way.layout.slots()), past);
        template.address(network.table(), 0);
        link.shiftLeft(network.entryShift());
        template.add(link);
        link.load(template, network.control());
        code.when(link.has(Control.TEMPLATE).and(link.lacks(Control.ASSURED)), way.up);
        code.block(past, () -> {});
    }

    /// Moves the connection between its destination's counts if it became active or inactive.
    private void recount(Var after) {
        Var moved = way.b;
        Var one = way.a;
        Label past = code.label("");
        moved.set(way.word).xor(after);
        code.when(moved.lacks(Control.INACTIVE), past);
        code.when(
                after.has(Control.INACTIVE),
                () -> move(Destination.ACTIVE, Destination.INACTIVE, one),
                () -> move(Destination.INACTIVE, Destination.ACTIVE, one));
        code.block(past, () -> {});
    }

    private void move(Field from, Field to, Var one) {
        way.destination.atomicAdd(from, one.set(-1));
        way.destination.atomicAdd(to, one.set(1));
    }
}
