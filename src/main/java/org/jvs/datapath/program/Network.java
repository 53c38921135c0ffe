package org.jvs.datapath.program;

import org.jvs.core.net.Protocol;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Headers.Tcp;
import org.jvs.ebpf.Headers.Udp;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.MapRef;
import org.jvs.ebpf.Place;
import org.jvs.ebpf.Var;

/// What differs between IPv4 and IPv6: headers, and where the entries of the connection table have
/// their fields (the layout is that of `EntryMemory`).
sealed interface Network permits Ipv4Network, Ipv6Network {
    boolean isIpv6();

    int headerBytes();

    MapRef table();

    int entryShift();

    Field ports();

    Field control();

    Field seen();

    Field link();

    long seed(Layout layout);

    /// Checks the header, and goes on at one of the labels if all of the packet is there; to
    /// [Way#up] with all that is not plain.
    void parse(Way way, Label tcp, Label udp);

    /// Loads the length from the IP header on, in host order.
    Var length(Way way, Var into);

    /// Adds up an address for [AddressMarks].
    void sumAddress(Way way, boolean source, Var into, Var scratch);

    /// Takes one off TTL or hop limit, checksum included.
    void decrementTtl(Way way);

    default Place ip(Way way) {
        return way.at("ip", 0);
    }

    default Place transport(Way way) {
        return way.at("transport", headerBytes());
    }

    /// Goes on only if all that the header promises is there; what is behind is padding.
    ///
    /// @param length in host order; is changed
    default void whole(Way way, Var length, int more) {
        Var end = way.c.address(ip(way)).add(length);
        if (more != 0) {
            end.add(more);
        }
        way.code.when(end.gt(way.packet.end()), way.up);
    }

    /// Goes on by the protocol, if its header is whole.
    ///
    /// @param before what the length field counts before the transport header
    default void protocols(
            Way way, Var protocol, Field lengthField, int before, Label tcp, Label udp) {
        Code code = way.code;
        Var value = way.b;
        Label isTcp = code.label("");
        Label isUdp = code.label("");
        if (way.shape.tcp()) {
            code.when(protocol.eq(Protocol.TCP), isTcp);
        }
        if (way.shape.udp()) {
            code.when(protocol.eq(Protocol.UDP), isUdp);
        }
        code.jump(way.up);
        code.block(
                isTcp,
                () -> {
                    way.packet.require(transport(way), Tcp.BYTES, value, way.up);
                    value.load(ip(way), lengthField).toHost();
                    code.when(value.lt(before + Tcp.BYTES), way.up);
                    code.jump(tcp);
                });
        code.block(
                isUdp,
                () -> {
                    value.load(ip(way), lengthField).toHost();
                    code.when(value.lt(before + Udp.BYTES), way.up);
                    code.jump(udp);
                });
    }
}
