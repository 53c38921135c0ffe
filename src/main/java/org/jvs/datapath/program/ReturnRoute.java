package org.jvs.datapath.program;

import static org.jvs.ebpf.Register.R1;
import static org.jvs.ebpf.Register.R2;

import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Headers.Ipv4;
import org.jvs.ebpf.Place;
import org.jvs.ebpf.Var;

/// The way of a reply to its client, by the kernel's routes and neighbours (`struct bpf_fib_lookup`
/// of `linux/bpf.h`). Where there is none, or the packet is too long for it, the Java engine says
/// what happens.
final class ReturnRoute {
    private static final Field FAMILY = Field.u8("family", 0);
    private static final Field PROTOCOL = Field.u8("protocol", 1);
    private static final Field LENGTH = Field.u16("length", 6);
    private static final Field INTERFACE = Field.u32("interface", 8);
    private static final int SOURCE = 16;
    private static final int DESTINATION = 32;
    private static final int SOURCE_MAC = 52;
    private static final int DESTINATION_MAC = 58;
    private static final int BYTES = 64;

    /// AF_INET and AF_INET6.
    private static final int INET = 2;

    private static final int INET6 = 10;

    private final Way way;
    private final Code code;
    private final Network network;
    private final int protocol;

    ReturnRoute(Way way, Network network, int protocol) {
        this.way = way;
        this.code = way.code;
        this.network = network;
        this.protocol = protocol;
    }

    /// Asks for the way; nothing in R0 to R5 survives.
    void find() {
        code.note("the way back to the client");
        Place request = way.route;
        Place ip = network.ip(way);
        request.zero(0, BYTES);
        request.store(FAMILY, network.isIpv6() ? INET6 : INET);
        request.store(PROTOCOL, protocol);
        request.store(LENGTH, network.length(way, way.b));
        request.store(INTERFACE, way.packet.ingress(R2));
        Var word = way.b;
        if (network.isIpv6()) {
            for (int half = 0; half < 16; half += 8) {
                word.load(way.entry, Field.u64("virtual", 16 + half)).toNetwork(64);
                request.store(Field.be64("source", SOURCE + half), word);
                word.load(ip, Ipv6Network.DESTINATION_HI.plus(half));
                request.store(Field.be64("destination", DESTINATION + half), word);
            }
        } else {
            word.load(way.entry, Field.u32("virtual", 0)).toNetwork(32);
            request.store(Field.be32("source", SOURCE), word);
            request.store(Field.be32("destination", DESTINATION), word.load(ip, Ipv4.DESTINATION));
        }
        Var answer = code.kernel().fibLookup(way.packet.context(), request, 0);
        code.when(answer.ne(0), way.up);
        Var out = way.b;
        OutInterfaces.require(code, out.load(way.route, INTERFACE), way.a, way.c, way.up);
    }

    /// Writes the Ethernet addresses.
    ///
    /// @return index of the interface
    Var macs() {
        Place packet = way.packet.data();
        packet.copyFrom(way.route.plus(DESTINATION_MAC), 6, 2, way.b);
        packet.plus(6).copyFrom(way.route.plus(SOURCE_MAC), 6, 2, way.b);
        return code.var("out", R1).load(way.route, INTERFACE);
    }
}
