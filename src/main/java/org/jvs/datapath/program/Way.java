package org.jvs.datapath.program;

import static org.jvs.ebpf.Register.R0;
import static org.jvs.ebpf.Register.R1;
import static org.jvs.ebpf.Register.R2;
import static org.jvs.ebpf.Register.R3;
import static org.jvs.ebpf.Register.R4;
import static org.jvs.ebpf.Register.R5;
import static org.jvs.ebpf.Register.R6;
import static org.jvs.ebpf.Register.R7;
import static org.jvs.ebpf.Register.R8;
import static org.jvs.ebpf.Register.R9;

import org.jvs.ebpf.Area;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Headers.Ethernet;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.Packet;
import org.jvs.ebpf.Place;
import org.jvs.ebpf.Slot;
import org.jvs.ebpf.Var;

/// What all parts of a packet's way share: the program, and where it keeps what.
///
/// ```
///   R6 context, R7 packet: all the way     R5 end of the packet: while it is parsed
///   R8 the key's address, then the entry   R9 the key's ports, then the entry's control word
///   R1 now     R4 destination's line       R5 next hop's line; from the look-up to the rewrite
///   R0 R2 R3   for the moment
/// ```
final class Way {
    final Code code;
    final Shape shape;
    final Layout layout;

    /// Whether packets may come with checksums that are not finished.
    final boolean partialChecksums;

    /// Where packets go that this program leaves alone; nothing was changed by then.
    final Label up;

    /// Where packets go that were counted, but cannot be sent.
    final Label lost;

    final Packet packet;

    /// The connection's entry and its control word.
    final Var entry;

    final Var word;

    final Var now;
    final Var destination;
    final Var hop;

    final Var a;
    final Var b;
    final Var c;

    /// This CPU's lane of counters.
    final Slot lane;

    /// The clock, where a call comes between.
    final Slot keptNow;

    /// The kernel's `struct bpf_fib_lookup`.
    final Area route;

    Way(Code code, Shape shape, Layout layout, boolean partialChecksums) {
        this.partialChecksums = partialChecksums;
        this.code = code;
        this.shape = shape;
        this.layout = layout;
        up = code.label("up");
        lost = code.label("lost");
        packet = Packet.open(code, R6, R7, R5);
        entry = code.var("entry", R8);
        word = code.var("word", R9);
        now = code.var("now", R1);
        destination = code.var("destination", R4);
        hop = code.var("hop", R5);
        a = code.var("a", R0);
        b = code.var("b", R2);
        c = code.var("c", R3);
        lane = code.slot("lane");
        keptNow = code.slot("now");
        route = code.stack("route", 64);
    }

    /// A place behind the Ethernet header.
    Place at(String name, int offset) {
        return packet.data().plus(name, Ethernet.BYTES + offset);
    }
}
