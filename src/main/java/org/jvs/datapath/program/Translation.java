package org.jvs.datapath.program;

import static org.jvs.ebpf.Register.R1;

import org.jvs.core.net.Protocol;
import org.jvs.datapath.program.Layout.Destination;
import org.jvs.ebpf.Checksums;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Headers.Ipv4;
import org.jvs.ebpf.Headers.Ports;
import org.jvs.ebpf.Headers.Tcp;
import org.jvs.ebpf.Headers.Udp;
import org.jvs.ebpf.Place;
import org.jvs.ebpf.Var;

/// NAT: requests get the destination's address and port, replies the virtual ones; TTL and
/// checksums follow by difference, as in the engine's `Rewrite`.
final class Translation {
    private static final Field V4_VIRTUAL = Field.u32("virtual", 0);
    private static final int V6_VIRTUAL = 16;
    private static final int V6_SOURCE = 8;
    private static final int V6_DESTINATION = 24;

    private final Way way;
    private final Code code;
    private final Network network;
    private final boolean tcp;
    private final boolean output;
    private final Var transportSum;

    Translation(Way way, Network network, int protocol, boolean output) {
        this.way = way;
        this.code = way.code;
        this.network = network;
        this.tcp = protocol == Protocol.TCP;
        this.output = output;
        this.transportSum = code.var("transport sum", R1);
    }

    private Field checksum() {
        return tcp ? Tcp.CHECKSUM : Udp.CHECKSUM;
    }

    /// A datagram without a checksum gets one, which takes more than a difference.
    void check() {
        if (!tcp) {
            code.when(way.b.load(network.transport(way), checksum()).eq(0), way.up);
        }
    }

    /// Rewrites the packet; uses [Way#entry] and [Way#destination].
    void rewrite() {
        Checksums.begin(transportSum, network.transport(way), checksum());
        if (network instanceof Ipv4Network v4) {
            Var headerSum = way.a;
            Checksums.begin(headerSum, network.ip(way), Ipv4.CHECKSUM);
            v4.decrementTtl(way, headerSum);
            address4(headerSum);
            Checksums.end(headerSum, network.ip(way), Ipv4.CHECKSUM, way.b);
        } else {
            network.decrementTtl(way);
            address6();
        }
        port();
        finish();
    }

    private void address4(Var headerSum) {
        Field field = output ? Ipv4.SOURCE : Ipv4.DESTINATION;
        Var difference = way.b;
        Var address = way.c;
        if (output) {
            address.load(way.entry, V4_VIRTUAL);
        } else {
            address.load(way.destination, Field.u32("address", Destination.ADDRESS_LO.offset()));
        }
        address.toNetwork(32);
        difference.load(network.ip(way), field).raw();
        network.ip(way).store(field, address);
        difference.low().xor(0xffffffffL);
        difference.add(address.raw());
        headerSum.add(difference);
        transportSum.add(difference);
    }

    private void address6() {
        int inPacket = output ? V6_SOURCE : V6_DESTINATION;
        for (int half = 0; half < 16; half += 8) {
            Field field = Field.be64("address", inPacket + half);
            Var word = way.b;
            word.load(network.ip(way), field).raw().xor(-1);
            addHalves(word);
            if (output) {
                word.load(way.entry, Field.u64("virtual", V6_VIRTUAL + half));
            } else {
                word.load(way.destination, Destination.ADDRESS_HI.plus(half));
            }
            word.toNetwork(64);
            network.ip(way).store(field, word);
            addHalves(word.raw());
        }
    }

    private void addHalves(Var word) {
        way.c.set(word).shiftRight(32);
        transportSum.add(way.c);
        way.c.low().set(word);
        transportSum.add(way.c);
    }

    private void port() {
        Place transport = network.transport(way);
        Field field = output ? Ports.SOURCE : Ports.DESTINATION;
        Var before = way.b;
        Var port = way.c;
        before.load(transport, field).raw().xor(0xffff);
        transportSum.add(before);
        // the destination's port is in the lowest 16 bits, the virtual one above bit 32
        int at = network.ports().offset() + (output ? 4 : 0);
        port.load(way.entry, Field.u16("port", at)).toNetwork(16);
        transport.store(field, port);
        transportSum.add(port.raw());
    }

    private void finish() {
        Checksums.fold(transportSum, way.b);
        transportSum.xor(0xffff);
        if (!tcp) {
            code.note("0 would mean that there is none (RFC 768)");
            code.when(transportSum.eq(0), () -> transportSum.set(0xffff));
        }
        network.transport(way).store(checksum(), transportSum.asNetwork(16));
    }
}
