package org.jvs.datapath.program;

import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Headers.Ipv4;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.MapRef;
import org.jvs.ebpf.Place;
import org.jvs.ebpf.Var;

/// IPv4 (RFC 791).
record Ipv4Network() implements Network {
    static final Field ADDRESSES = Field.be64("addresses", 12);
    private static final int MORE_FRAGMENTS_OR_OFFSET = 0x3fff;

    @Override
    public boolean isIpv6() {
        return false;
    }

    @Override
    public int headerBytes() {
        return Ipv4.BYTES;
    }

    @Override
    public MapRef table() {
        return Maps.IPV4;
    }

    @Override
    public int entryShift() {
        return 5;
    }

    @Override
    public Field ports() {
        return Field.u64("ports", 8);
    }

    @Override
    public Field control() {
        return Field.u64("control", 16);
    }

    @Override
    public Field seen() {
        return Field.u32("last seen", 24);
    }

    @Override
    public Field link() {
        return Field.u32("link", 28);
    }

    @Override
    public long seed(Layout layout) {
        return layout.ipv4Seed();
    }

    @Override
    public void parse(Way way, Label tcp, Label udp) {
        Code code = way.code;
        Place ip = ip(way);
        Var value = way.b;
        Var sum = way.c;
        way.packet.require(ip, Ipv4.BYTES + 8, value, way.up);
        code.note("no options, no fragments, time left");
        code.when(value.load(ip, Ipv4.VERSION).ne(0x45), way.up);
        code.when(value.load(ip, Ipv4.FRAGMENT).has(MORE_FRAGMENTS_OR_OFFSET), way.up);
        code.when(value.load(ip, Ipv4.TTL).le(1), way.up);
        code.note("a wrong header checksum is the host's business");
        sum.load(ip, Field.u32("0", 0));
        for (int at = 4; at < Ipv4.BYTES; at += 4) {
            sum.add(value.load(ip, Field.u32("" + at, at)));
        }
        code.note("two folds are enough to tell: no other multiple of 0xffff is in reach");
        for (int i = 0; i < 2; i++) {
            value.set(sum).shiftRight(16);
            sum.and(0xffff).add(value);
        }
        code.when(sum.ne(0xffff), way.up);
        whole(way, length(way, value), 0);
        protocols(way, value.load(ip, Ipv4.PROTOCOL), Ipv4.TOTAL_LENGTH, Ipv4.BYTES, tcp, udp);
    }

    @Override
    public Var length(Way way, Var into) {
        return into.load(ip(way), Ipv4.TOTAL_LENGTH).toHost();
    }

    @Override
    public void sumAddress(Way way, boolean source, Var into, Var scratch) {
        into.load(ip(way), source ? Ipv4.SOURCE : Ipv4.DESTINATION).raw();
    }

    @Override
    public void decrementTtl(Way way) {
        Var sum = way.a;
        Var ttl = way.b;
        ip(way).store(Ipv4.TTL, ttl.load(ip(way), Ipv4.TTL).sub(1));
        way.code.note("the checksum grows by one, and by its carry (RFC 1624)");
        sum.load(ip(way), Ipv4.CHECKSUM).raw().add(1);
        ttl.set(sum).add(1).shiftRight(16);
        ip(way).store(Ipv4.CHECKSUM, sum.add(ttl).and(0xffff).asNetwork(16));
    }

    /// The same as part of more changes to the header.
    void decrementTtl(Way way, Var sum) {
        Var ttl = way.b;
        ip(way).store(Ipv4.TTL, ttl.load(ip(way), Ipv4.TTL).sub(1));
        // one less in the low byte of a word as it lies in memory
        sum.add(0xfffe);
    }
}
