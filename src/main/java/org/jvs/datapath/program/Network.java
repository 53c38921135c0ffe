package org.jvs.datapath.program;

import org.jvs.core.net.Protocol;
import org.jvs.ebpf.Checksums;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Headers.Ipv4;
import org.jvs.ebpf.Headers.Ipv6;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.MapRef;
import org.jvs.ebpf.Place;
import org.jvs.ebpf.Var;

/// What differs between IPv4 and IPv6: headers, and where the entries of the connection table have
/// their fields (the layout is that of `EntryMemory`).
sealed interface Network {
    /// RFC 791.
    Network IPV4 = new V4();

    /// RFC 8200.
    Network IPV6 = new V6();

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

    /// Loads an address as the engine folds it for [AddressBits].
    void foldAddress(Way way, boolean source, Var into, Var scratch);

    /// Takes one off TTL or hop limit, checksum included.
    void decrementTtl(Way way);

    default Place ip(Way way) {
        return way.at("ip", 0);
    }

    default Place transport(Way way) {
        return way.at("transport", headerBytes());
    }

    /// IPv4.
    record V4() implements Network {
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
            Checksums.fold(sum, value);
            code.when(sum.ne(0xffff), way.up);
            whole(way, length(way, value), 0);
            protocols(way, value, value.load(ip, Ipv4.PROTOCOL), Ipv4.TOTAL_LENGTH, tcp, udp);
        }

        @Override
        public Var length(Way way, Var into) {
            return into.load(ip(way), Ipv4.TOTAL_LENGTH).toHost();
        }

        @Override
        public void foldAddress(Way way, boolean source, Var into, Var scratch) {
            into.load(ip(way), source ? Ipv4.SOURCE : Ipv4.DESTINATION).toHost();
        }

        @Override
        public void decrementTtl(Way way) {
            Var sum = way.a;
            Checksums.begin(sum, ip(way), Ipv4.CHECKSUM);
            decrementTtl(way, sum);
            Checksums.end(sum, ip(way), Ipv4.CHECKSUM, way.b);
        }

        /// The same as part of more changes to the header.
        void decrementTtl(Way way, Var sum) {
            Var ttl = way.b;
            ip(way).store(Ipv4.TTL, ttl.load(ip(way), Ipv4.TTL).sub(1));
            // one less in the low byte of a word as it lies in memory
            sum.add(0xfffe);
        }
    }

    /// IPv6.
    record V6() implements Network {
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
            protocols(way, value, value.load(ip, Ipv6.NEXT_HEADER), Ipv6.PAYLOAD_LENGTH, tcp, udp);
        }

        @Override
        public Var length(Way way, Var into) {
            return into.load(ip(way), Ipv6.PAYLOAD_LENGTH).toHost().add(Ipv6.BYTES);
        }

        @Override
        public void foldAddress(Way way, boolean source, Var into, Var scratch) {
            into.load(ip(way), source ? SOURCE_HI : DESTINATION_HI).toHost().mul(31);
            into.add(scratch.load(ip(way), source ? SOURCE_LO : DESTINATION_LO).toHost());
        }

        @Override
        public void decrementTtl(Way way) {
            Var limit = way.b;
            ip(way).store(Ipv6.HOP_LIMIT, limit.load(ip(way), Ipv6.HOP_LIMIT).sub(1));
        }
    }

    /// Goes on only if all that the header promises is there; what is behind is padding.
    private static void whole(Way way, Var length, int more) {
        Network self = more == 0 ? IPV4 : IPV6;
        Var end = way.c.address(self.ip(way)).add(length);
        if (more != 0) {
            end.add(more);
        }
        way.code.when(end.gt(way.packet.end()), way.up);
    }

    private static void protocols(
            Way way, Var scratch, Var protocol, Field lengthField, Label tcp, Label udp) {
        Network self = lengthField == Ipv4.TOTAL_LENGTH ? IPV4 : IPV6;
        int before = self.isIpv6() ? 0 : Ipv4.BYTES;
        Code code = way.code;
        Label isTcp = code.label("is_tcp");
        Label isUdp = code.label("is_udp");
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
                    way.packet.require(self.transport(way), 20, scratch, way.up);
                    code.when(
                            scratch.load(self.ip(way), lengthField).toHost().lt(before + 20),
                            way.up);
                    code.jump(tcp);
                });
        code.block(
                isUdp,
                () -> {
                    code.when(
                            scratch.load(self.ip(way), lengthField).toHost().lt(before + 8),
                            way.up);
                    code.jump(udp);
                });
    }
}
