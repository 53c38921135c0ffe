package org.jvs.datapath;

import static org.jvs.ebpf.Register.R2;
import static org.jvs.ebpf.Register.R3;
import static org.jvs.ebpf.Register.R6;
import static org.jvs.ebpf.Register.R7;
import static org.jvs.ebpf.Register.R8;
import static org.jvs.ebpf.Register.R9;

import org.jvs.core.net.Protocol;
import org.jvs.core.wire.Ip;
import org.jvs.ebpf.Area;
import org.jvs.ebpf.Check;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Headers.Ethernet;
import org.jvs.ebpf.Headers.Icmp;
import org.jvs.ebpf.Headers.Ipv4;
import org.jvs.ebpf.Headers.Ipv6;
import org.jvs.ebpf.Headers.Ports;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.MapRef;
import org.jvs.ebpf.Packet;
import org.jvs.ebpf.Place;
import org.jvs.ebpf.Program;
import org.jvs.ebpf.Slot;
import org.jvs.ebpf.Var;
import org.jvs.ebpf.Xdp;
import org.jvs.linux.MacAddress;

/// The XDP program of one interface: hands to the AF_XDP socket of the packet's queue what is a
/// director's business, and passes the rest to the host untouched. What it hands up:
///
/// - packets to an address, protocol and port with a service; FTP's data ports and "all ports" too;
/// - packets from a NAT realserver's address, protocol and port, unless they are for this machine;
/// - ICMP errors to a virtual address, about packets to a NAT realserver, or about tunnel packets
///   of this machine;
/// - ESP and AH where port 500 of UDP is one of the above;
/// - fragments and IPv6 extension headers to virtual addresses and from NAT realservers.
///
/// ARP, neighbour discovery, echo, VLAN-tagged frames and frames for other MAC addresses pass.
final class FilterProgram {
    /// The map from [FilterKey] to flags.
    static final MapRef FILTER = new MapRef("jvs_filter");

    /// The XSKMAP from queue to socket.
    static final MapRef SOCKETS = new MapRef("jvs_sockets");

    private static final Field KEY_PORT = Field.be16("port", FilterKey.PORT);
    private static final Field KEY_PROTOCOL = Field.u8("protocol", FilterKey.PROTOCOL);
    private static final Field KEY_FAMILY = Field.u8("family", FilterKey.FAMILY);
    private static final Field KEY_ADDRESS = Field.be32("address", 0);
    private static final Field VALUE = Field.u32("flags", 0);

    private static final int FTP_CONTROL_CLIENT = 1024;
    private static final int FTP_DATA = 20;
    private static final int IKE = 500;
    private static final int ICMPV6_INFORMATIONAL = 128;

    /// Stands for the protocol of an IPv4 fragment; no protocol has that number.
    private static final int FRAGMENTED = 256;

    private final Code code;
    private final Label pass;
    private final Label up;

    // the packet: where it begins until its protocol is known, which is all that counts then
    private final Packet packet;
    private final Var protocol;
    private final Var transport;

    // what is asked of the filter, and its answers about the two addresses
    private final Area to;
    private final Area from;
    private final Slot toAnswer;
    private final Slot fromAnswer;
    private final Var toFlags;
    private final Var fromFlags;

    private final Var scratch;

    private FilterProgram(Code code) {
        this.code = code;
        pass = code.label("pass");
        up = code.label("to_socket");
        packet = Packet.open(code, R8, R6, R7);
        protocol = code.var("protocol", R6);
        transport = code.var("transport", R9);
        to = code.stack("to", FilterKey.BYTES);
        from = code.stack("from", FilterKey.BYTES);
        toAnswer = code.slot("to flags");
        fromAnswer = code.slot("from flags");
        toFlags = code.var("to flags", R2);
        fromFlags = code.var("from flags", R3);
        scratch = code.var("scratch", R2);
    }

    /// The program, which uses the maps [#FILTER] and [#SOCKETS].
    ///
    /// @param mac the interface's; frames for others are not looked at
    static Program of(MacAddress mac) {
        Code code = new Code("jvs_filter");
        emit(code, mac);
        return code.program();
    }

    /// The same as the end of a longer program; the context is in R1.
    static void emit(Code code, MacAddress mac) {
        new FilterProgram(code).build(mac);
    }

    private void build(MacAddress mac) {
        Label ipv4 = code.label("ipv4");
        Label ipv6 = code.label("ipv6");
        Label addressed = code.label("addressed");
        ethernet(mac, ipv4, ipv6);
        code.block(ipv6, () -> ipv6(addressed));
        code.block(ipv4, this::ipv4);
        code.block(addressed, "what is known of both addresses", this::decide);
        code.block(
                up,
                "to the socket of this queue; on to the host if there is none",
                () -> code.exit(code.kernel().redirect(SOCKETS, packet.queue(R2), Xdp.PASS)));
        code.block(pass, "on to the host", () -> code.exit(Xdp.PASS));
    }

    private void ethernet(MacAddress mac, Label ipv4, Label ipv6) {
        packet.require(packet.data(), Ethernet.BYTES, scratch, pass);
        code.note("for us? " + mac);
        code.require(packet.data().plus("destination", 0), mac.toBytes(), scratch, pass);
        code.choose(code.var("type", R2).load(packet.data(), Ethernet.TYPE))
                .is(Ethernet.IPV4, ipv4)
                .is(Ethernet.IPV6, ipv6)
                .otherwise(pass);
    }

    private void ipv4() {
        Place ip = packet.data().plus("ip", Ethernet.BYTES);
        packet.require(ip, Ipv4.BYTES, scratch, pass);
        Var version = code.var("version", R3).load(ip, Ipv4.VERSION);
        Var length = code.var("header length", R2).set(version);
        code.when(version.shiftRight(4).ne(4), pass);
        code.when(length.and(15).shiftLeft(2).lt(Ipv4.BYTES), pass);
        transport.address(ip).add(length);
        key4(to, ip, Ipv4.DESTINATION);
        key4(from, ip, Ipv4.SOURCE);
        Var fragment = code.var("fragment", R2).load(ip, Ipv4.FRAGMENT);
        protocol.load(ip, Ipv4.PROTOCOL);
        code.when(
                fragment.has(Ip.MORE_FRAGMENTS | Ip.FRAGMENT_OFFSET),
                () -> protocol.set(FRAGMENTED));
    }

    private void key4(Area key, Place ip, Field address) {
        key.zero(0, FilterKey.BYTES);
        key.store(KEY_ADDRESS, code.var("address", R2).load(ip, address));
        key.store(KEY_FAMILY, 4);
    }

    private void ipv6(Label next) {
        Place ip = packet.data().plus("ip", Ethernet.BYTES);
        packet.require(ip, Ipv6.BYTES, scratch, pass);
        transport.address(ip.plus(Ipv6.BYTES));
        key6(to, ip, Ip.V6_DESTINATION);
        key6(from, ip, Ip.V6_SOURCE);
        protocol.load(ip, Ipv6.NEXT_HEADER);
        code.jump(next);
    }

    private void key6(Area key, Place ip, int address) {
        key.copyFrom(ip.plus(address), 16, 4, scratch);
        key.zero(FilterKey.PORT, FilterKey.BYTES);
        key.store(KEY_FAMILY, 6);
    }

    private void decide() {
        Label tcp = code.label("tcp");
        Label udp = code.label("udp");
        Label udpPorts = code.label("udp_ports");
        Label ipsec = code.label("ipsec");
        Label fragment = code.label("fragment");
        Label other = code.label("other");
        Label exact = code.label("exact");
        toAnswer.store(ask(to));
        fromAnswer.store(ask(from));
        code.choose(protocol)
                .is(Protocol.TCP, tcp)
                .is(Protocol.UDP, udp)
                .is(Protocol.ESP, ipsec)
                .is(Protocol.AH, ipsec)
                .is(FRAGMENTED, fragment)
                .otherwise(other);
        code.block(other, () -> other(fragment));
        code.block(
                fragment,
                "no ports: to a virtual address or from a realserver?",
                () -> {
                    code.when(toFlags.load(toAnswer).has(FilterKey.VIRTUAL), up);
                    code.when(fromFlags.load(fromAnswer).has(FilterKey.REALSERVER), up);
                    code.jump(pass);
                });
        code.block(
                ipsec,
                "follows the key exchange between the same hosts",
                () -> {
                    protocol.set(Protocol.UDP);
                    to.store(KEY_PORT, IKE);
                    from.store(KEY_PORT, IKE);
                    code.jump(udpPorts);
                });
        code.block(tcp, () -> tcp(exact));
        code.block(udp, this::ports);
        code.block(udpPorts, () -> anyPort(FilterKey.ALL_UDP, FilterKey.REPLY_ALL_UDP));
        code.block(exact, this::exactPort);
    }

    /// Ports into the keys.
    private void ports() {
        packet.require(transport, Ports.BYTES, scratch, pass);
        Var port = code.var("port", R2);
        to.store(KEY_PORT, port.load(transport, Ports.DESTINATION));
        from.store(KEY_PORT, port.load(transport, Ports.SOURCE));
    }

    private void tcp(Label exact) {
        ports();
        anyPort(FilterKey.ALL_TCP, FilterKey.REPLY_ALL_TCP);
        code.note("FTP data: port 20, or one that the server opened for a passive client");
        code.when(
                toFlags.has(FilterKey.FTP),
                () -> {
                    Var port = code.var("port", R3).load(to, KEY_PORT);
                    code.when(port.eq(FTP_DATA), up);
                    code.when(port.toHost().ge(FTP_CONTROL_CLIENT), up);
                });
        code.jump(exact);
    }

    /// Services and realservers on all ports of a protocol.
    private void anyPort(int service, int reply) {
        code.when(toFlags.load(toAnswer).has(service), up);
        fromFlags.load(fromAnswer);
        code.when(fromFlags.has(reply).and(toFlags.lacks(FilterKey.LOCAL)), up);
    }

    private void exactPort() {
        code.when(
                toFlags.has(FilterKey.VIRTUAL),
                () -> {
                    to.store(KEY_PROTOCOL, protocol);
                    code.when(ask(to).has(FilterKey.SERVICE), up);
                });
        code.note("a realserver's answer to this machine itself is no reply to a client");
        Check reply =
                fromFlags
                        .load(fromAnswer)
                        .has(FilterKey.REALSERVER)
                        .and(toFlags.load(toAnswer).lacks(FilterKey.LOCAL));
        code.when(reply.not(), pass);
        from.store(KEY_PROTOCOL, protocol);
        code.when(ask(from).has(FilterKey.REALSERVER), up);
        code.jump(pass);
    }

    private void other(Label fragment) {
        Label icmp = code.label("icmp");
        Label icmpv6 = code.label("icmpv6");
        Var family = code.var("family", R2).load(to, KEY_FAMILY);
        code.when(
                family.eq(4),
                () -> {
                    code.when(protocol.eq(Protocol.ICMP), icmp);
                    code.jump(pass);
                });
        code.choose(protocol)
                .is(Protocol.ICMPV6, icmpv6)
                .is(Ip.HOP_BY_HOP, fragment)
                .is(Ip.ROUTING, fragment)
                .is(Ip.FRAGMENT, fragment)
                .is(Ip.DESTINATION_OPTIONS, fragment)
                .otherwise(pass);
        code.block(icmp, () -> icmp(Ipv4.BYTES, Ip.V4_DESTINATION));
        code.block(icmpv6, () -> icmp(Ipv6.BYTES, Ip.V6_DESTINATION));
    }

    private void icmp(int header, int destination) {
        boolean v4 = header == Ipv4.BYTES;
        packet.require(transport, Icmp.BYTES + header, scratch, pass);
        Place quoted = transport.plus("quoted", Icmp.BYTES);
        Var type = code.var("type", R2).load(transport, Icmp.TYPE);
        Check error =
                v4
                        ? type.eq(Ip.ICMP_UNREACHABLE)
                                .or(type.eq(Ip.ICMP_SOURCE_QUENCH))
                                .or(type.eq(Ip.ICMP_TIME_EXCEEDED))
                        : type.lt(ICMPV6_INFORMATIONAL);
        code.when(error.not(), pass);
        code.when(toFlags.load(toAnswer).has(FilterKey.VIRTUAL), up);
        if (v4) {
            code.note("about a tunnel packet of ours?");
            code.when(
                    toFlags.has(FilterKey.LOCAL),
                    () -> {
                        Var inner = code.var("inner", R2).load(quoted, Ipv4.PROTOCOL);
                        code.when(inner.eq(Protocol.IPIP), up);
                        code.when(inner.eq(Protocol.IPV6), up);
                    });
        }
        code.note("about a packet to a realserver?");
        from.copyFrom(quoted.plus(destination), v4 ? 4 : 16, 4, scratch);
        code.when(ask(from).has(FilterKey.REALSERVER), up);
        code.jump(pass);
    }

    /// The flags of a key; 0 if there are none.
    private Var ask(Area key) {
        Var flags = code.kernel().lookUp(key.name() + " flags", FILTER, key);
        code.when(flags.ne(0), () -> flags.load(flags, VALUE));
        return flags;
    }
}
