package org.jvs.datapath;

import static org.jvs.ebpf.Register.R0;
import static org.jvs.ebpf.Register.R1;
import static org.jvs.ebpf.Register.R10;
import static org.jvs.ebpf.Register.R2;
import static org.jvs.ebpf.Register.R3;
import static org.jvs.ebpf.Register.R6;
import static org.jvs.ebpf.Register.R7;
import static org.jvs.ebpf.Register.R8;
import static org.jvs.ebpf.Register.R9;

import org.jvs.core.net.Protocol;
import org.jvs.core.wire.Ip;
import org.jvs.ebpf.Alu;
import org.jvs.ebpf.Assembler;
import org.jvs.ebpf.Condition;
import org.jvs.ebpf.Helper;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.Program;
import org.jvs.ebpf.Register;
import org.jvs.ebpf.Size;
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
///
/// R6 is the packet, R7 its end, R8 the context, R9 the transport header.
final class FilterProgram {
    private static final int ETHERNET = 14;
    private static final int ETHER_TYPE = 12;
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int FTP_CONTROL_CLIENT = 1024;
    private static final int FTP_DATA = 20;
    private static final int IKE = 500;
    private static final int ICMP_HEADER = 8;

    // the stack, below R10
    private static final int TO = -24;
    private static final int FROM = -48;
    private static final int PROTOCOL = -56;
    private static final int TO_FLAGS = -64;
    private static final int FROM_FLAGS = -72;
    private static final int TO_PORT = -80;
    private static final int FROM_PORT = -88;

    private final Assembler code = new Assembler();
    private final int filter;
    private final int sockets;
    private final Label pass = new Label("pass");
    private final Label up = new Label("up");

    private FilterProgram(int filter, int sockets) {
        this.filter = filter;
        this.sockets = sockets;
    }

    /// Assembles the program.
    ///
    /// @param mac the interface's; frames for others are not looked at
    /// @param filter descriptor of the map from [FilterKey] to flags
    /// @param sockets descriptor of the XSKMAP from queue to socket
    static Program assemble(MacAddress mac, int filter, int sockets) {
        return new FilterProgram(filter, sockets).build(mac);
    }

    private Program build(MacAddress mac) {
        Label v4 = new Label("ipv4");
        Label v6 = new Label("ipv6");
        Label addressed = new Label("addressed");
        Label fragment = new Label("fragment");
        ethernet(mac, v4, v6);
        ipv4(v4, addressed, fragment);
        ipv6(v6, addressed);
        decide(addressed, fragment);
        code.bind(up)
                .note("to the socket of this queue; PASS if there is none")
                .load(Size.WORD, R2, R8, Xdp.RX_QUEUE_INDEX)
                .loadMap(R1, sockets)
                .mov(R3, Xdp.PASS)
                .call(Helper.REDIRECT_MAP)
                .exit()
                .bind(pass)
                .returns(Xdp.PASS);
        return code.assemble("jvs_filter");
    }

    private void ethernet(MacAddress mac, Label v4, Label v6) {
        byte[] octets = mac.toBytes();
        code.mov(R8, R1).load(Size.WORD, R6, R1, Xdp.DATA).load(Size.WORD, R7, R1, Xdp.DATA_END);
        within(R6, ETHERNET);
        code.note("for us? " + mac)
                .load(Size.WORD, R2, R6, 0)
                .jumpIf32(Condition.NE, R2, word(octets, 0), pass)
                .load(Size.HALF, R2, R6, 4)
                .jumpIf32(Condition.NE, R2, half(octets, 4), pass)
                .load(Size.HALF, R2, R6, ETHER_TYPE)
                .bigEndian(R2, 16)
                .jumpIf(Condition.EQ, R2, ETHERTYPE_IPV4, v4)
                .jumpIf(Condition.EQ, R2, ETHERTYPE_IPV6, v6)
                .jump(pass);
    }

    private void ipv4(Label here, Label next, Label fragment) {
        code.bind(here);
        within(R6, ETHERNET + Ip.V4_HEADER);
        code.load(Size.BYTE, R2, R6, ETHERNET)
                .mov(R3, R2)
                .shiftRight(R3, 4)
                .jumpIf(Condition.NE, R3, 4, pass)
                .and(R2, 15)
                .shiftLeft(R2, 2)
                .jumpIf(Condition.LT, R2, Ip.V4_HEADER, pass)
                .mov(R9, R6)
                .add(R9, ETHERNET)
                .add(R9, R2);
        for (int key : new int[] {TO, FROM}) {
            int field = key == TO ? Ip.V4_DESTINATION : Ip.V4_SOURCE;
            code.load(Size.WORD, R2, R6, ETHERNET + field)
                    .store(Size.DOUBLE, R10, key, 0)
                    .store(Size.DOUBLE, R10, key + 8, 0)
                    .store(Size.WORD, R10, key, R2)
                    .store(Size.WORD, R10, key + FilterKey.PORT, 0)
                    .store(Size.BYTE, R10, key + FilterKey.FAMILY, 4);
        }
        code.load(Size.BYTE, R2, R6, ETHERNET + Ip.V4_PROTOCOL)
                .store(Size.DOUBLE, R10, PROTOCOL, R2);
        lookUpAddresses();
        code.load(Size.HALF, R2, R6, ETHERNET + Ip.V4_FRAGMENT)
                .bigEndian(R2, 16)
                .and(R2, Ip.MORE_FRAGMENTS | Ip.FRAGMENT_OFFSET)
                .jumpIf(Condition.NE, R2, 0, fragment)
                .jump(next);
    }

    private void ipv6(Label here, Label next) {
        code.bind(here);
        within(R6, ETHERNET + Ip.V6_HEADER);
        code.mov(R9, R6).add(R9, ETHERNET + Ip.V6_HEADER);
        for (int key : new int[] {TO, FROM}) {
            int field = ETHERNET + (key == TO ? Ip.V6_DESTINATION : Ip.V6_SOURCE);
            for (int at = 0; at < 16; at += 4) {
                code.load(Size.WORD, R2, R6, field + at).store(Size.WORD, R10, key + at, R2);
            }
            code.store(Size.WORD, R10, key + FilterKey.PORT, 0)
                    .store(Size.BYTE, R10, key + FilterKey.FAMILY, 6);
        }
        code.load(Size.BYTE, R2, R6, ETHERNET + Ip.V6_NEXT_HEADER)
                .store(Size.DOUBLE, R10, PROTOCOL, R2);
        lookUpAddresses();
        code.jump(next);
    }

    private void lookUpAddresses() {
        lookUp(TO);
        code.store(Size.DOUBLE, R10, TO_FLAGS, R0);
        lookUp(FROM);
        code.store(Size.DOUBLE, R10, FROM_FLAGS, R0);
    }

    private void decide(Label addressed, Label fragment) {
        Label tcp = new Label("tcp");
        Label udp = new Label("udp");
        Label ipsec = new Label("ipsec");
        Label icmp4 = new Label("icmp");
        Label icmp6 = new Label("icmpv6");
        Label ports = new Label("ports");
        code.bind(addressed)
                .load(Size.DOUBLE, R2, R10, PROTOCOL)
                .load(Size.BYTE, R3, R10, TO + FilterKey.FAMILY)
                .jumpIf(Condition.EQ, R2, Protocol.TCP, tcp)
                .jumpIf(Condition.EQ, R2, Protocol.UDP, udp)
                .jumpIf(Condition.EQ, R2, Protocol.ESP, ipsec)
                .jumpIf(Condition.EQ, R2, Protocol.AH, ipsec)
                .jumpIf(Condition.EQ, R3, 6, icmp6)
                .jumpIf(Condition.EQ, R2, Protocol.ICMP, icmp4)
                .jump(pass);
        Label udpPorts = new Label("udp_ports");
        transport(tcp, new Label("tcp_ports"), Protocol.TCP, ports);
        transport(udp, udpPorts, Protocol.UDP, ports);
        code.bind(ipsec)
                .note("follows the key exchange between the same hosts")
                .store(Size.DOUBLE, R10, PROTOCOL, Protocol.UDP)
                .store(Size.DOUBLE, R10, TO_PORT, IKE)
                .store(Size.DOUBLE, R10, FROM_PORT, IKE)
                .jump(udpPorts);
        ports(ports);
        icmp(icmp4, Ip.V4_HEADER, Ip.V4_DESTINATION);
        extensionHeaders(icmp6, fragment);
        code.bind(fragment)
                .load(Size.DOUBLE, R2, R10, TO_FLAGS)
                .jumpIf(Condition.SET, R2, FilterKey.VIRTUAL, up)
                .load(Size.DOUBLE, R2, R10, FROM_FLAGS)
                .jumpIf(Condition.SET, R2, FilterKey.REALSERVER, up)
                .jump(pass);
    }

    private void transport(Label here, Label known, int protocol, Label ports) {
        code.bind(here);
        within(R9, 4);
        code.load(Size.HALF, R2, R9, 0)
                .bigEndian(R2, 16)
                .store(Size.DOUBLE, R10, FROM_PORT, R2)
                .load(Size.HALF, R3, R9, 2)
                .bigEndian(R3, 16)
                .store(Size.DOUBLE, R10, TO_PORT, R3);
        boolean tcp = protocol == Protocol.TCP;
        code.bind(known)
                .load(Size.DOUBLE, R2, R10, TO_FLAGS)
                .jumpIf(Condition.SET, R2, tcp ? FilterKey.ALL_TCP : FilterKey.ALL_UDP, up);
        if (tcp) {
            Label noFtp = new Label("no_ftp");
            code.note("FTP data: port 20, or one that the server opened for a passive client")
                    .and(R2, FilterKey.FTP)
                    .jumpIf(Condition.EQ, R2, 0, noFtp)
                    .jumpIf(Condition.EQ, R3, FTP_DATA, up)
                    .jumpIf(Condition.GE, R3, FTP_CONTROL_CLIENT, up)
                    .bind(noFtp);
        }
        code.load(Size.DOUBLE, R2, R10, FROM_FLAGS);
        Label notAll = new Label("not_all");
        code.and(R2, tcp ? FilterKey.REPLY_ALL_TCP : FilterKey.REPLY_ALL_UDP)
                .jumpIf(Condition.EQ, R2, 0, notAll)
                .load(Size.DOUBLE, R2, R10, TO_FLAGS)
                .and(R2, FilterKey.LOCAL)
                .jumpIf(Condition.EQ, R2, 0, up)
                .bind(notAll)
                .jump(ports);
    }

    private void ports(Label here) {
        Label reply = new Label("reply");
        code.bind(here)
                .load(Size.DOUBLE, R2, R10, TO_FLAGS)
                .and(R2, FilterKey.VIRTUAL)
                .jumpIf(Condition.EQ, R2, 0, reply);
        addPort(TO, TO_PORT);
        lookUp(TO);
        code.jumpIf(Condition.SET, R0, FilterKey.SERVICE, up)
                .bind(reply)
                .load(Size.DOUBLE, R2, R10, FROM_FLAGS)
                .and(R2, FilterKey.REALSERVER)
                .jumpIf(Condition.EQ, R2, 0, pass)
                .note("a realserver's answer to this machine itself is no reply to a client")
                .load(Size.DOUBLE, R2, R10, TO_FLAGS)
                .jumpIf(Condition.SET, R2, FilterKey.LOCAL, pass);
        addPort(FROM, FROM_PORT);
        lookUp(FROM);
        code.jumpIf(Condition.SET, R0, FilterKey.REALSERVER, up).jump(pass);
    }

    private void icmp(Label here, int header, int destination) {
        boolean v4 = header == Ip.V4_HEADER;
        Label error = new Label("icmp_error");
        code.bind(here);
        within(R9, ICMP_HEADER + header);
        code.load(Size.BYTE, R2, R9, 0);
        if (v4) {
            code.jumpIf(Condition.EQ, R2, Ip.ICMP_UNREACHABLE, error)
                    .jumpIf(Condition.EQ, R2, Ip.ICMP_SOURCE_QUENCH, error)
                    .jumpIf(Condition.EQ, R2, Ip.ICMP_TIME_EXCEEDED, error)
                    .jump(pass);
        } else {
            code.jumpIf(Condition.GE, R2, 128, pass);
        }
        code.bind(error)
                .load(Size.DOUBLE, R2, R10, TO_FLAGS)
                .jumpIf(Condition.SET, R2, FilterKey.VIRTUAL, up);
        if (v4) {
            Label noTunnel = new Label("no_tunnel");
            code.and(R2, FilterKey.LOCAL)
                    .jumpIf(Condition.EQ, R2, 0, noTunnel)
                    .load(Size.BYTE, R2, R9, ICMP_HEADER + Ip.V4_PROTOCOL)
                    .jumpIf(Condition.EQ, R2, Protocol.IPIP, up)
                    .jumpIf(Condition.EQ, R2, Protocol.IPV6, up)
                    .bind(noTunnel);
        }
        code.note("about a packet to a realserver?");
        for (int at = 0; at < (v4 ? 4 : 16); at += 4) {
            code.load(Size.WORD, R2, R9, ICMP_HEADER + destination + at)
                    .store(Size.WORD, R10, FROM + at, R2);
        }
        lookUp(FROM);
        code.jumpIf(Condition.SET, R0, FilterKey.REALSERVER, up).jump(pass);
    }

    private void extensionHeaders(Label here, Label fragment) {
        Label icmp = new Label("icmpv6_type");
        code.bind(here)
                .jumpIf(Condition.EQ, R2, Protocol.ICMPV6, icmp)
                .jumpIf(Condition.EQ, R2, Ip.HOP_BY_HOP, fragment)
                .jumpIf(Condition.EQ, R2, Ip.ROUTING, fragment)
                .jumpIf(Condition.EQ, R2, Ip.FRAGMENT, fragment)
                .jumpIf(Condition.EQ, R2, Ip.DESTINATION_OPTIONS, fragment)
                .jump(pass);
        icmp(icmp, Ip.V6_HEADER, Ip.V6_DESTINATION);
    }

    private void addPort(int key, int port) {
        code.load(Size.DOUBLE, R2, R10, port)
                .bigEndian(R2, 16)
                .store(Size.HALF, R10, key + FilterKey.PORT, R2)
                .load(Size.DOUBLE, R2, R10, PROTOCOL)
                .store(Size.BYTE, R10, key + FilterKey.PROTOCOL, R2);
    }

    /// The flags of a key on the stack into R0, 0 if there are none.
    private void lookUp(int key) {
        Label none = new Label("none");
        code.loadMap(R1, filter)
                .mov(R2, R10)
                .add(R2, key)
                .call(Helper.MAP_LOOKUP_ELEM)
                .jumpIf(Condition.EQ, R0, 0, none)
                .load(Size.WORD, R0, R0, 0)
                .bind(none);
    }

    /// Passes packets that end before `bytes` from a register on.
    private void within(Register from, int bytes) {
        code.mov(R2, from).alu(Alu.ADD, R2, bytes).jumpIf(Condition.GT, R2, R7, pass);
    }

    // MAC addresses are compared as they lie in memory, in host order
    private static int word(byte[] octets, int at) {
        return half(octets, at) | half(octets, at + 2) << 16;
    }

    private static int half(byte[] octets, int at) {
        return octets[at] & 0xff | (octets[at + 1] & 0xff) << 8;
    }
}
