package org.jvs.datapath.program;

import static org.jvs.ebpf.Register.R0;
import static org.jvs.ebpf.Register.R1;

import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.net.Protocol;
import org.jvs.core.table.Counters;
import org.jvs.core.wire.Ip;
import org.jvs.datapath.program.Layout.Destination;
import org.jvs.ebpf.Checksums;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Headers.Ethernet;
import org.jvs.ebpf.Headers.Ipv4;
import org.jvs.ebpf.Headers.Ipv6;
import org.jvs.ebpf.Place;
import org.jvs.ebpf.Var;

/// IPIP in one of its four mixes (RFC 2003, RFC 2473, RFC 4213), the outer header as the engine's
/// `Tunnel` writes it. Words of the IPv4 header are put together in registers, as they lie in
/// memory, so that its checksum needs no look at what was just stored.
final class Encapsulation {
    private static final int ECN_MASK = 3;
    private static final int ECN_CE = 3;
    private static final Field WORD = Field.u32("word", 0);
    private static final Field V6_CLASS = Field.be16("traffic class", 0);

    private final Way way;
    private final Code code;
    private final Network inner;
    private final boolean outerIpv6;

    /// What the rewrite still needs, in registers that survive the call.
    private final Var destination;

    private final Var hop;
    private final Var sum;
    private final Var word;

    Encapsulation(Way way, Network inner, boolean outerIpv6) {
        this.way = way;
        this.code = way.code;
        this.inner = inner;
        this.outerIpv6 = outerIpv6;
        destination = code.var("to", way.entry.register());
        hop = code.var("next hop", way.word.register());
        sum = code.var("sum", R0);
        word = code.var("word", R1);
    }

    /// Bytes of the outer header.
    static int overhead(boolean outerIpv6) {
        return outerIpv6 ? Ipv6.BYTES : Ipv4.BYTES;
    }

    /// Leaves other tunnels than IPIP to the Java engine.
    void check() {
        Var kind = way.b.load(way.destination, Destination.TUNNEL_KIND);
        code.when(kind.ne(DestinationSpec.Tunnel.Type.IPIP.number()), way.up);
    }

    /// Puts the header in front; the packet's TTL was decremented before.
    ///
    /// @return the next hop's line in its new place
    Var wrap() {
        int bytes = overhead(outerIpv6);
        destination.set(way.destination);
        hop.set(way.hop);
        code.when(code.kernel().adjustHead(way.packet.context(), -bytes).ne(0), way.lost);
        way.packet.reload();
        way.packet.require(
                way.packet.data(), Ethernet.BYTES + bytes + inner.headerBytes(), way.b, way.lost);
        Place outer = way.at("outer", 0);
        Place within = way.at("inner", bytes);
        if (outerIpv6) {
            ipv6(outer, within);
        } else {
            ipv4(outer, within);
        }
        way.packet.data().store(Ethernet.TYPE, outerIpv6 ? Ethernet.IPV6 : Ethernet.IPV4);
        return hop;
    }

    private int protocol() {
        return inner.isIpv6() ? Protocol.IPV6 : Protocol.IPIP;
    }

    private Field ttl() {
        return inner.isIpv6() ? Ipv6.HOP_LIMIT : Ipv4.TTL;
    }

    /// The inner type of service; of a mark of congestion only that it may be marked is copied.
    private void trafficClass(Place within, Var into) {
        if (inner.isIpv6()) {
            into.load(within, V6_CLASS).toHost().shiftRight(4).and(0xff);
        } else {
            into.load(within, Ipv4.TOS);
        }
        Var ecn = way.b;
        ecn.set(into).and(ECN_MASK);
        code.when(ecn.eq(ECN_CE), () -> into.xor(1));
    }

    private void ipv4(Place outer, Place within) {
        identification(within);
        outer.plus(Ip.V4_ID).store(WORD, word);
        code.note("version, type of service, length");
        sum.set(word);
        trafficClass(within, word);
        word.shiftLeft(8).or(0x45);
        Var length = way.b;
        if (inner.isIpv6()) {
            length.load(within, Ipv6.PAYLOAD_LENGTH).toHost().add(Ipv6.BYTES + Ipv4.BYTES);
        } else {
            length.load(within, Ipv4.TOTAL_LENGTH).toHost().add(Ipv4.BYTES);
        }
        word.or(length.toNetwork(16).raw().shiftLeft(16));
        outer.store(WORD, word);
        sum.add(word);
        address4(outer, Ipv4.SOURCE, hop, HopLines.SOURCE_LO);
        address4(outer, Ipv4.DESTINATION, destination, Destination.ADDRESS_LO);
        code.note("TTL, protocol, checksum");
        word.load(within, ttl()).or(protocol() << 8);
        sum.add(word);
        Checksums.fold(sum, way.b);
        word.or(sum.xor(0xffff).shiftLeft(16));
        outer.plus(Ip.V4_TTL).store(WORD, word);
    }

    private void address4(Place outer, Field field, Var line, Field from) {
        Var address = way.b.load(line, Field.u32("address", from.offset())).toNetwork(32);
        outer.store(field, address);
        sum.add(address.raw());
    }

    /// Identification and flags, into the word. What may be fragmented needs a number of its own
    /// (RFC 6864): the count of this CPU's packets, times the CPUs, plus this one's number.
    private void identification(Place within) {
        Runnable numbered =
                () -> {
                    Var cpu = code.kernel().cpu();
                    word.load(way.lane);
                    word.load(word, Layout.counter("packets in", Counters.IN_PACKETS));
                    word.mul(way.layout.cpus()).add(cpu).and(0xffff);
                };
        if (inner.isIpv6() || !way.shape.pathMtuDiscovery()) {
            numbered.run();
            return;
        }
        Var fragment = way.b.load(within, Ipv4.FRAGMENT);
        code.when(
                fragment.has(Ip.DONT_FRAGMENT),
                () -> word.set(Integer.reverseBytes(Ip.DONT_FRAGMENT)),
                numbered);
    }

    private void ipv6(Place outer, Place within) {
        trafficClass(within, word);
        word.shiftLeft(20).or(6 << 28);
        outer.store(Ipv6.VERSION, word.toNetwork(32));
        Var length = way.b;
        if (inner.isIpv6()) {
            length.load(within, Ipv6.PAYLOAD_LENGTH).toHost().add(Ipv6.BYTES).toNetwork(16);
        } else {
            length.load(within, Ipv4.TOTAL_LENGTH);
        }
        outer.store(Ipv6.PAYLOAD_LENGTH, length);
        outer.store(Ipv6.NEXT_HEADER, protocol());
        outer.store(Ipv6.HOP_LIMIT, length.load(within, ttl()));
        for (int half = 0; half < 16; half += 8) {
            Var address = way.b.load(hop, HopLines.SOURCE_HI.plus(half)).toNetwork(64);
            outer.store(Field.be64("source", Ip.V6_SOURCE + half), address);
            address.load(destination, Destination.ADDRESS_HI.plus(half)).toNetwork(64);
            outer.store(Field.be64("destination", Ip.V6_DESTINATION + half), address);
        }
    }
}
