package org.jvs.datapath.program;

import java.util.function.Consumer;
import org.jvs.core.net.Protocol;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Headers.Ethernet;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.Program;
import org.jvs.ebpf.Xdp;
import org.jvs.linux.MacAddress;

/// The XDP program of one interface that forwards the packets of established connections, out of
/// the Java engine's own tables ([Maps]), and leaves all others as they came to what follows.
///
/// What it does not do itself: new connections, and SYNs that may start one on an old entry;
/// fragments, IP options and extension headers; a TTL that ends; packets that are too long for
/// their way; destinations that are removed, local, or have no usable next hop ([HopLines]);
/// datagrams without checksum under NAT; GUE and GRE; ICMP, SCTP, ESP and AH; a connection's first
/// packet that makes its template assured; entries that other writers change in that very moment.
public final class FlowProgram {
    private FlowProgram() {}

    /// Renders the program; it uses those of the [Maps] that its shape needs.
    ///
    /// @param mac the interface's; frames for others are left alone
    /// @param rest emits what happens to all other packets: it finds the context in R1, as at a
    ///   program's beginning, and has to end the program
    public static Program of(
            String name, Shape shape, Layout layout, MacAddress mac, Consumer<Code> rest) {
        Code code = new Code(name);
        render(code, shape, layout, mac);
        rest.accept(code);
        return code.program();
    }

    /// Emits it as part of a program, which has the context in R1 here, and again behind here for
    /// packets that were left alone.
    public static void render(Code code, Shape shape, Layout layout, MacAddress mac) {
        if (shape.isEmpty()) {
            return;
        }
        Way way = new Way(code, shape, layout);
        Label ipv4 = code.label("ipv4");
        Label ipv6 = code.label("ipv6");
        code.note("for us? " + mac);
        way.packet.require(way.packet.data(), Ethernet.BYTES, way.b, way.up);
        code.require(way.packet.data().plus("destination", 0), mac.toBytes(), way.b, way.up);
        way.b.load(way.packet.data(), Ethernet.TYPE);
        if (shape.ipv4()) {
            code.when(way.b.eq(Ethernet.IPV4), ipv4);
        }
        if (shape.ipv6()) {
            code.when(way.b.eq(Ethernet.IPV6), ipv6);
        }
        code.jump(way.up);
        code.block(ipv4, () -> family(way, new Ipv4Network()));
        code.block(ipv6, () -> family(way, new Ipv6Network()));
        code.block(way.lost, "counted, but there was no room", () -> code.exit(Xdp.ABORTED));
        code.block(
                way.up,
                "not for us, or the Java engine's business",
                () -> code.context().set(way.packet.context()));
    }

    private static void family(Way way, Network network) {
        String suffix = network.isIpv6() ? "_ipv6" : "_ipv4";
        Label tcp = way.code.label("tcp" + suffix);
        Label udp = way.code.label("udp" + suffix);
        network.parse(way, tcp, udp);
        way.code.block(tcp, () -> new FlowPath(way, network, Protocol.TCP).render());
        way.code.block(udp, () -> new FlowPath(way, network, Protocol.UDP).render());
    }
}
