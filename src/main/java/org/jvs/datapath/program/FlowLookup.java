package org.jvs.datapath.program;

import static org.jvs.ebpf.Register.R0;
import static org.jvs.ebpf.Register.R1;
import static org.jvs.ebpf.Register.R4;
import static org.jvs.ebpf.Register.R5;

import java.util.function.BiConsumer;
import org.jvs.core.table.Control;
import org.jvs.datapath.program.Layout.Destination;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Headers.Ipv4;
import org.jvs.ebpf.Headers.Ports;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.Place;
import org.jvs.ebpf.Var;

/// Finds a packet's connection as `ConnectionTable` does: two sets of two entries follow from the
/// client's address, port and protocol; a request is compared with the virtual address and port, a
/// reply with the address in the destination's line. The control word is read before and after the
/// key, and has to be the same.
final class FlowLookup {
    private static final long FACTOR = 0xd6e8feb86659fd93L;
    private static final long FACTOR_HI = 0x9e3779b97f4a7c15L;
    private static final int SETS = 2;
    private static final int SET = 2;

    /// Set in the phases that count: LIVE and MOVING.
    private static final int LIVE_OR_MOVING = Control.LIVE << 5;

    private static final Field BOTH = Field.be32("ports", 0);
    private static final Field V4_ADDRESSES = Field.u64("addresses", 0);
    private static final Field V4_CLIENT = Field.u32("client", 4);
    private static final Field V6_CLIENT_HI = Field.u64("client", 0);
    private static final Field V6_CLIENT_LO = Field.u64("client+8", 8);
    private static final Field V6_VIRTUAL_HI = Field.u64("virtual", 16);
    private static final Field V6_VIRTUAL_LO = Field.u64("virtual+8", 24);

    private final Way way;
    private final Code code;
    private final Network network;
    private final int protocol;
    private final Var address;
    private final Var ports;
    private final Var found;
    private final Var other;
    private final Var firstSet;
    private final Var secondSet;

    FlowLookup(Way way, Network network, int protocol) {
        this.way = way;
        this.code = way.code;
        this.network = network;
        this.protocol = protocol;
        this.address = code.var("address", way.entry.register());
        this.ports = code.var("ports", way.word.register());
        this.found = code.var("word", R0);
        this.other = code.var("other", R1);
        this.firstSet = code.var("first set", R4);
        this.secondSet = code.var("second set", R5);
    }

    /// Finds the connection of a packet from a client; goes on at a label with [Way#entry] and
    /// [Way#word], and behind here without one.
    void request(Label hit) {
        Place transport = network.transport(way);
        ports.load(transport, BOTH).toHost().shiftLeft(16).or(protocol << 8);
        Var client = way.b;
        if (network.isIpv6()) {
            address.load(network.ip(way), Ipv6Network.SOURCE_LO).toHost();
            client.set(address);
        } else {
            address.load(network.ip(way), Ipv4Network.ADDRESSES).toHost();
            client.set(address).shiftRight(32);
        }
        way.c.set(ports).shiftRight(32);
        hash(client, way.c, Ipv6Network.SOURCE_HI);
        candidates(hit, this::isRequest);
    }

    /// Finds the connection of a packet from a realserver; as [#request].
    void reply(Label hit) {
        Place transport = network.transport(way);
        Var client = way.b;
        if (network.isIpv6()) {
            address.load(network.ip(way), Ipv6Network.DESTINATION_LO).toHost();
        } else {
            address.load(network.ip(way), Ipv4.DESTINATION).toHost();
        }
        client.set(address);
        ports.load(transport, Ports.DESTINATION).toHost();
        way.c.set(ports);
        ports.shiftLeft(48).or(protocol << 24);
        ports.or(found.load(transport, Ports.SOURCE).toHost());
        hash(client, way.c, Ipv6Network.DESTINATION_HI);
        candidates(hit, this::isReply);
    }

    /// Both sets from the low half of the client's address and its port, which are destroyed.
    private void hash(Var client, Var port, Field clientHi) {
        code.note("both sets of the client");
        Var factor = other;
        port.shiftLeft(40);
        client.xor(port);
        client.xor(port.set(network.seed(way.layout) ^ (long) protocol << 56));
        if (network.isIpv6()) {
            Var high = port;
            Var rotated = found;
            high.load(network.ip(way), clientHi).toHost().mul(factor.set(FACTOR_HI));
            rotated.set(high).shiftRight(Long.SIZE - 31);
            client.add(high.shiftLeft(31).or(rotated));
        }
        factor.set(FACTOR);
        Var half = port;
        for (int i = 0; i < 2; i++) {
            client.xor(half.set(client).shiftRight(32));
            client.mul(factor);
        }
        client.xor(half.set(client).shiftRight(32));
        int mask = way.layout.slots() / SET - 1;
        secondSet.set(client).shiftRight(32).and(mask);
        firstSet.set(client).and(mask);
        code.when(firstSet.eq(secondSet), () -> secondSet.xor(1));
        int shift = network.entryShift() + 1;
        Var table = other;
        table.address(network.table(), 0);
        firstSet.shiftLeft(shift).add(table);
        secondSet.shiftLeft(shift).add(table);
    }

    private void candidates(Label hit, BiConsumer<Place, Label> compare) {
        code.note("the second set is asked for now, in case the first one does not have it");
        found.load(secondSet, network.control());
        for (int i = 0; i < SETS * SET; i++) {
            Place slot =
                    (i < SET ? firstSet : secondSet)
                            .plus("slot " + i, i % SET << network.entryShift());
            Label next = code.label("");
            found.load(slot, network.control());
            compare.accept(slot, next);
            code.note("still the same?");
            code.when(way.b.load(slot, network.control()).ne(found), way.up);
            way.entry.address(slot);
            way.word.set(found);
            code.jump(hit);
            code.block(next, () -> {});
        }
    }

    private void isRequest(Place slot, Label next) {
        Var b = way.b;
        code.when(b.load(slot, network.ports()).shiftRight(16).ne(ports), next);
        b.load(slot, network.isIpv6() ? V6_CLIENT_LO : V4_ADDRESSES);
        code.when(b.ne(address), next);
        if (network.isIpv6()) {
            same(slot, V6_CLIENT_HI, Ipv6Network.SOURCE_HI, next);
            same(slot, V6_VIRTUAL_LO, Ipv6Network.DESTINATION_LO, next);
            same(slot, V6_VIRTUAL_HI, Ipv6Network.DESTINATION_HI, next);
        }
        int phase = LIVE_OR_MOVING | (int) Control.INVALID;
        code.when(b.set(found).and(phase).ne(LIVE_OR_MOVING), next);
    }

    private void isReply(Place slot, Label next) {
        Var b = way.b;
        code.note("all but the virtual port");
        b.load(slot, network.ports()).xor(ports);
        code.when(b.low().ne(0), next);
        code.when(b.shiftRight(48).ne(0), next);
        b.load(slot, network.isIpv6() ? V6_CLIENT_LO : V4_CLIENT);
        code.when(b.ne(address), next);
        if (network.isIpv6()) {
            same(slot, V6_CLIENT_HI, Ipv6Network.DESTINATION_HI, next);
        }
        code.when(b.set(found).and(LIVE_OR_MOVING).eq(0), next);
        Var line = way.c;
        Connection.destinationOf(way, found, b, line, next);
        if (network.isIpv6()) {
            same(line, Destination.ADDRESS_LO, Ipv6Network.SOURCE_LO, next);
            same(line, Destination.ADDRESS_HI, Ipv6Network.SOURCE_HI, next);
        } else {
            same(line, Destination.ADDRESS_LO, Ipv4.SOURCE, next);
        }
        b.load(line, Destination.WORD);
        code.when(network.isIpv6() ? b.lacks(Destination.IPV6) : b.has(Destination.IPV6), next);
    }

    /// Goes on only if a field in memory is what the packet's header has.
    private void same(Place memory, Field field, Field inHeader, Label next) {
        Var b = way.b;
        b.load(network.ip(way), inHeader).toHost();
        code.when(other.load(memory, field).ne(b), next);
    }
}
