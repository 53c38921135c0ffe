package org.jvs.datapath.program;

import static org.jvs.ebpf.Register.R1;

import org.jvs.core.net.Protocol;
import org.jvs.datapath.program.Layout.Destination;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.Register;
import org.jvs.ebpf.Var;
import org.jvs.ebpf.Xdp;

/// The way of the packets of one family and protocol, from their addresses to the wire. Nothing is
/// changed before all has been checked; what does not pass goes up whole, and the Java engine does
/// and counts everything.
final class FlowPath {
    private final Way way;
    private final Code code;
    private final Network network;
    private final int protocol;
    private final String name;

    FlowPath(Way way, Network network, int protocol) {
        this.way = way;
        this.code = way.code;
        this.network = network;
        this.protocol = protocol;
        this.name =
                (protocol == Protocol.TCP ? "tcp" : "udp") + (network.isIpv6() ? "_ipv6" : "_ipv4");
    }

    void render() {
        FlowLookup lookup = new FlowLookup(way, network, protocol);
        Label reply = code.label(name + "_reply");
        Label request = code.label(name + "_request");
        Label client = code.label(name + "_client");
        if (way.shape.nat()) {
            code.note("from a realserver?");
            interest(true, AddressMarks.REALSERVER, client);
            lookup.reply(reply);
            code.jump(client);
            code.block(reply, "from a realserver to a client", () -> reply(client));
        }
        code.block(
                client,
                () -> {
                    code.note("to a virtual address?");
                    interest(false, AddressMarks.VIRTUAL, way.up);
                    lookup.request(request);
                    code.jump(way.up);
                });
        code.block(request, "from a client", this::request);
    }

    private void interest(boolean source, int mark, Label otherwise) {
        network.sumAddress(way, source, way.b, way.c);
        AddressMarks.require(code, mark, way.b, way.c, otherwise);
    }

    private void request() {
        Connection connection = new Connection(way, network);
        Label nat = code.label(name + "_nat");
        Label direct = code.label(name + "_direct");
        Label tunnel = code.label(name + "_tunnel");
        Label tunnel6 = code.label(name + "_tunnel_ipv6");
        connection.live();
        connection.destination();
        connection.hop();
        Var method = way.b;
        connection.method();
        if (way.shape.nat()) {
            code.when(method.eq(Connection.usable(Destination.NAT)), nat);
        }
        if (way.shape.direct()) {
            code.when(method.eq(Connection.usable(Destination.DIRECT)), direct);
        }
        if (way.shape.tunnel()) {
            code.when(method.eq(Connection.usable(Destination.TUNNEL)), tunnel);
        }
        code.jump(way.up);
        code.block(nat, () -> nat(connection));
        code.block(
                direct,
                () -> {
                    fits(0);
                    track(connection);
                    network.decrementTtl(way);
                    send(way.hop);
                });
        code.block(
                tunnel,
                () -> {
                    if (way.shape.tunnelIpv6()) {
                        code.when(way.a.has(Destination.IPV6), tunnel6);
                    }
                    if (way.shape.tunnelIpv4()) {
                        tunnel(connection, false);
                    } else {
                        code.jump(way.up);
                    }
                });
        code.block(tunnel6, () -> tunnel(connection, true));
    }

    private void nat(Connection connection) {
        Translation translation = new Translation(way, network, protocol, false);
        fits(0);
        translation.check();
        track(connection);
        translation.rewrite();
        send(way.hop);
    }

    private void tunnel(Connection connection, boolean outerIpv6) {
        Encapsulation encapsulation = new Encapsulation(way, network, outerIpv6);
        encapsulation.check();
        fits(Encapsulation.overhead(outerIpv6));
        track(connection);
        network.decrementTtl(way);
        send(encapsulation.wrap());
    }

    /// What is too long is answered or fragmented by the Java engine.
    private void fits(int overhead) {
        Var length = network.length(way, way.b);
        if (overhead != 0) {
            length.add(overhead);
        }
        code.when(length.gt(way.c.load(way.hop, HopLines.MTU)), way.up);
    }

    private void track(Connection connection) {
        code.note("the state and its timeout");
        new Tracking(way, network, protocol, false).observe();
        connection.touch();
        code.note("counters");
        connection.count(false);
    }

    private void send(Var hop) {
        code.note("out by the destination's interface");
        way.packet.data().store(HopLines.MACS.plus(-8), way.b.load(hop, HopLines.MACS));
        way.packet.data().store(HopLines.MACS_END.plus(-8), way.b.load(hop, HopLines.MACS_END));
        Var out = code.var("out", R1);
        leave(out.load(hop, HopLines.INTERFACE));
    }

    private void leave(Var out) {
        code.when(way.packet.ingress(Register.R2).eq(out), () -> code.exit(Xdp.TX));
        code.exit(code.kernel().redirect(out));
    }

    private void reply(Label client) {
        Connection connection = new Connection(way, network);
        Translation translation = new Translation(way, network, protocol, true);
        ReturnRoute route = new ReturnRoute(way, network, protocol);
        Connection.destinationOf(way, way.word, way.b, way.destination, way.up);
        code.when(way.b.load(way.destination, Destination.METHOD).ne(Destination.NAT), client);
        connection.live();
        way.keptNow.store(way.now);
        translation.check();
        route.find();
        way.now.load(way.keptNow);
        connection.destination();
        connection.method();
        code.when(way.b.ne(Connection.usable(Destination.NAT)), way.up);
        code.note("the state and its timeout");
        new Tracking(way, network, protocol, true).observe();
        connection.touch();
        code.note("counters");
        connection.count(true);
        translation.rewrite();
        leave(route.macs());
    }
}
