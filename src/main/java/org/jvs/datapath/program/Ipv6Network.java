package org.jvs.datapath.program;

import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Headers.Ipv6;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.MapRef;
import org.jvs.ebpf.Place;
import org.jvs.ebpf.Var;

/// IPv6 (RFC 8200).
record Ipv6Network() implements Network {
    static final Field SOURCE_HI = Field.be64("source", 8);
    static final Field SOURCE_LO = Field.be64("source+8", 16);
    static final Field DESTINATION_HI = Field.be64("destination", 24);
    static final Field DESTINATION_LO = Field.be64("destination+8", 32);
    private static final Field FIRST = Field.u8("version", 0);

    @Override
    public boolean isIpv6() {
        return true;
    }

    @Override
    public int headerBytes() {
        return Ipv6.BYTES;
    }

    @Override
    public MapRef table() {
        return Maps.IPV6;
    }

    @Override
    public int entryShift() {
        return 6;
    }

    @Override
    public Field ports() {
        return Field.u64("ports", 32);
    }

    @Override
    public Field control() {
        return Field.u64("control", 40);
    }

    @Override
    public Field seen() {
        return Field.u32("last seen", 48);
    }

    @Override
    public Field link() {
        return Field.u32("link", 52);
    }

    @Override
    public long seed(Layout layout) {
        return layout.ipv6Seed();
    }

    @Override
    public void parse(Way way, Label tcp, Label udp) {
        Code code = way.code;
        Place ip = ip(way);
        Var value = way.b;
        way.packet.require(ip, Ipv6.BYTES + 8, value, way.up);
        code.note("no extension headers, hops left");
        code.when(value.load(ip, FIRST).shiftRight(4).ne(6), way.up);
        code.when(value.load(ip, Ipv6.HOP_LIMIT).le(1), way.up);
        whole(way, value.load(ip, Ipv6.PAYLOAD_LENGTH).toHost(), Ipv6.BYTES);
        protocols(way, value.load(ip, Ipv6.NEXT_HEADER), Ipv6.PAYLOAD_LENGTH, 0, tcp, udp);
    }

    @Override
    public Var length(Way way, Var into) {
        return into.load(ip(way), Ipv6.PAYLOAD_LENGTH).toHost().add(Ipv6.BYTES);
    }

    @Override
    public void sumAddress(Way way, boolean source, Var into, Var scratch) {
        int address = (source ? SOURCE_HI : DESTINATION_HI).offset();
        into.load(ip(way), Field.u32("address", address));
        for (int at = 4; at < 16; at += 4) {
            into.add(scratch.load(ip(way), Field.u32("address+" + at, address + at)));
        }
    }

    @Override
    public void decrementTtl(Way way) {
        Var limit = way.b;
        ip(way).store(Ipv6.HOP_LIMIT, limit.load(ip(way), Ipv6.HOP_LIMIT).sub(1));
    }
}
