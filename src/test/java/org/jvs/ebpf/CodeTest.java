package org.jvs.ebpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jvs.ebpf.Register.R0;
import static org.jvs.ebpf.Register.R1;
import static org.jvs.ebpf.Register.R10;
import static org.jvs.ebpf.Register.R2;
import static org.jvs.ebpf.Register.R3;
import static org.jvs.ebpf.Register.R6;
import static org.jvs.ebpf.Register.R7;
import static org.jvs.ebpf.Register.R8;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.jvs.ebpf.Headers.Ethernet;
import org.jvs.ebpf.Headers.Ipv4;
import org.jvs.ebpf.Headers.Ports;

/// What structured code becomes, and which mistakes are caught before the kernel sees them.
class CodeTest {
    private static final MapRef MAP = new MapRef("jvs_map");

    private final Code code = new Code("test");
    private final Label out = code.label("out");

    private String rendered() {
        code.block(out, () -> code.exit(Xdp.PASS));
        StringBuilder text = new StringBuilder();
        for (Listing.Row row : code.program().listing().rows()) {
            text.append(row.label().isEmpty() ? "" : row.label() + ": ");
            text.append(row.text()).append('\n');
        }
        return text.toString();
    }

    @Test
    void theListingTellsThePacketsWay() {
        Packet packet = Packet.open(code, R8, R6, R7);
        packet.require(packet.data(), 34, code.var("scratch", R2), out);
        Var type = code.var("type", R2).load(packet.data(), Ethernet.TYPE);
        code.note("only IPv4 is ours");
        code.when(type.ne(Ethernet.IPV4), out);
        Place ip = packet.data().plus("ip", Ethernet.BYTES);
        code.when(code.var("ttl", R3).load(ip, Ipv4.TTL).le(1), () -> code.exit(Xdp.DROP));
        code.block(out, "on to the host", () -> code.exit(Xdp.PASS));
        assertThat(code.program().listing())
                .hasToString(
                        """
                            0: r8 = r1                                  context = context
                            1: r6 = *(u32 *)(r1 +0)                     packet = context.data
                            2: r7 = *(u32 *)(r1 +4)                     packet_end = context.data_end
                            3: r2 = r6                                  scratch = packet+34
                            4: r2 += 34
                            5: if r2 > r7 goto out                      scratch, packet_end
                            6: r2 = *(u16 *)(r6 +12)                    type = packet.type
                               ; only IPv4 is ours
                            7: if r2 != 8 goto out                      type != 0x800
                            8: r3 = *(u8 *)(r6 +22)                     ttl = ip.ttl
                            9: if r3 > 1 goto out                       ttl
                           10: r0 = 1
                           11: exit
                        out:
                               ; on to the host
                           12: r0 = 2
                           13: exit
                        """);
    }

    @Test
    void everyQuestionAndItsOpposite() {
        Var a = code.var("a", R1).set(5);
        Var b = code.var("b", R2).set(6);
        code.when(a.eq(1), out);
        code.when(a.eq(1).not(), out);
        code.when(a.low().lt(b), out);
        code.when(a.is(Condition.SGT, -1), () -> b.set(7));
        code.when(a.has(4), out);
        code.when(a.lacks(4), out);
        code.when(a.eq(1).and(b.ne(2)), out);
        code.when(a.eq(1).or(b.gt(2)).not(), out);
        assertThat(rendered())
                .isEqualTo(
                        """
                        r1 = 5
                        r2 = 6
                        if r1 == 1 goto out
                        if r1 != 1 goto out
                        if w1 < w2 goto out
                        if r1 s<= -1 goto L7
                        r2 = 7
                        L7: if r1 & 4 goto out
                        if r1 & 4 goto L10
                        goto out
                        L10: if r1 != 1 goto L12
                        if r2 != 2 goto out
                        L12: if r1 == 1 goto out
                        if r2 <= 2 goto out
                        out: r0 = 2
                        exit
                        """);
    }

    @Test
    void branchesThatLeaveNeedNoJump() {
        Var a = code.context();
        code.when(a.eq(1), () -> code.exit(1), () -> code.exit(3));
        assertThat(rendered())
                .isEqualTo(
                        """
                        if r1 != 1 goto L3
                        r0 = 1
                        exit
                        L3: r0 = 3
                        exit
                        """);
    }

    @Test
    void choicesAndLoops() {
        Var a = code.context();
        Var sum = code.var("sum", R3).set(0);
        code.choose(a).is(6, out).is(17, () -> sum.set(1)).otherwise(() -> sum.set(2));
        code.repeat(2, i -> sum.add(i + 10));
        code.loop(
                "sums",
                code.var("i", R2),
                0,
                4,
                loop -> {
                    loop.nextWhen(sum.gt(100));
                    sum.add(1);
                    loop.leaveWhen(sum.eq(50));
                });
        assertThat(rendered())
                .isEqualTo(
                        """
                        r3 = 0
                        if r1 == 6 goto out
                        if r1 != 17 goto L5
                        r3 = 1
                        goto L6
                        L5: r3 = 2
                        L6: r3 += 10
                        r3 += 11
                        r2 = 0
                        sums: if r3 > 100 goto sums_next
                        r3 += 1
                        if r3 == 50 goto sums_done
                        sums_next: r2 += 1
                        if r2 < 4 goto sums
                        sums_done, out: r0 = 2
                        exit
                        """);
    }

    @Test
    void numbersAreAsWideAsTheyNeedToBe() {
        Var a = code.var("a", R1);
        a.set(-1);
        a.set(0x80000000L);
        a.set(0x123456789L);
        a.low().set(-1);
        code.when(a.eq(0xffffffffL), out);
        assertThatThrownBy(() -> code.when(a.is(Condition.SGT, 0xffffffffL), out))
                .hasMessageContaining("too large to be compared with 'a'");
        a.and(0xffffffffL).negate().signExtend(16);
        Var b = code.var("b", R2).set(a).zeroExtend(32);
        b.low().add(-1).shiftRight(3);
        assertThatThrownBy(() -> code.when(a.eq(0xffffffffL), out))
                .hasMessageContaining("too large to be compared with 'a'");
        assertThatThrownBy(() -> a.add(0x80000000L)).hasMessageContaining("too large");
        assertThat(rendered())
                .isEqualTo(
                        """
                        r1 = -1
                        w1 = 0x80000000
                        r1 = 0x123456789 ll
                        w1 = -1
                        if w1 == -1 goto out
                        w1 &= -1
                        r1 = -r1
                        r1 <<= 48
                        r1 s>>= 48
                        r2 = r1
                        w2 = w2
                        w2 += -1
                        w2 >>= 3
                        out: r0 = 2
                        exit
                        """);
    }

    @Test
    void networkOrderIsCheckedAndCostsNothing() {
        Area key = code.stack("key", 12);
        Field port = Field.be16("port", 0);
        Field address = Field.be32("address", 4);
        key.store(port, 80);
        key.store(address, 0x0a000001);
        Var p = code.var("p", R1).load(key, port);
        code.when(p.eq(443), out);
        code.when(code.var("a", R2).load(key, address).eq(0x01020380), out);
        code.when(p.has(0x8000), out);
        p.and(0x1fff);
        assertThatThrownBy(() -> code.when(p.gt(1), out))
                .hasMessage("'p' is in network byte order, in which there is no '>'; use toHost");
        assertThatThrownBy(() -> p.add(1)).hasMessageContaining("cannot be calculated with");
        assertThatThrownBy(() -> key.store(Field.u16("host", 0), p))
                .hasMessageContaining("'p' is in network order and field 'host' is not");
        p.toHost();
        assertThatThrownBy(() -> key.store(port, p)).hasMessageContaining("in host order");
        key.store(port, p.toNetwork(16));
        assertThat(rendered())
                .isEqualTo(
                        """
                        *(u16 *)(r10 -16) = 0x5000
                        *(u32 *)(r10 -12) = 0x100000a
                        r1 = *(u16 *)(r10 -16)
                        if r1 == 0xbb01 goto out
                        r2 = *(u32 *)(r10 -12)
                        if w2 == 0x80030201 goto out
                        if r1 & 128 goto out
                        r1 &= 0xff1f
                        r1 = be16 r1
                        r1 = be16 r1
                        *(u16 *)(r10 -16) = r1
                        out: r0 = 2
                        exit
                        """);
    }

    @Test
    void memoryAndAtomics() {
        Field count = Field.u64("count", 8);
        Var line = code.var("line", R6).address(MAP, 64);
        Var amount = code.var("amount", R2).set(1);
        line.atomicAdd(count, amount);
        line.plus(16).fetch(Atomic.FETCH_ADD, Field.u32("word", 0), amount);
        line.fetch(Atomic.EXCHANGE, count, amount);
        Var old = code.var("old", R0).set(0);
        line.compareExchange(count, old, amount);
        Area area = code.stack("area", 20);
        area.zero(0, 20);
        area.copyFrom(line, 8, 4, amount);
        assertThatThrownBy(() -> area.store(Field.u32("far", 20), 1))
                .hasMessage("field 'far' at 20..24 is outside the 20 bytes of 'area'");
        assertThatThrownBy(() -> area.store(Field.u8("byte", 0), 256))
                .hasMessage("256 does not fit the 8 bits of field 'byte'");
        assertThatThrownBy(() -> line.compareExchange(count, amount, old))
                .hasMessageContaining("has to be in R0");
        assertThat(rendered())
                .isEqualTo(
                        """
                        r6 = map[jvs_map].value +64
                        r2 = 1
                        atomic_add *(u64 *)(r6 +8), r2
                        atomic_fetch_add *(u32 *)(r6 +16), r2
                        atomic_exchange *(u64 *)(r6 +8), r2
                        r0 = 0
                        atomic_compare_exchange *(u64 *)(r6 +8), r2
                        *(u64 *)(r10 -24) = 0
                        *(u64 *)(r10 -16) = 0
                        *(u32 *)(r10 -8) = 0
                        r2 = *(u32 *)(r6 +0)
                        *(u32 *)(r10 -24) = r2
                        r2 = *(u32 *)(r6 +4)
                        *(u32 *)(r10 -20) = r2
                        out: r0 = 2
                        exit
                        """);
    }

    @Test
    void argumentsGoWhereTheyBelong() {
        Function function =
                new Function(
                        "mix",
                        "adds two",
                        List.of("x", "y"),
                        arguments -> {
                            Var x = arguments.getFirst().add(arguments.getLast());
                            code.exit(x);
                        });
        Var a = code.var("a", R2).set(1);
        Var b = code.var("b", R3).set(2);
        Var sum = code.call("sum", function, a, b);
        code.call("again", function, sum, Argument.of(7));
        Area key = code.stack("key", 8);
        key.store(Field.u64("all", 0), 0);
        code.kernel().lookUp("value", MAP, key);
        code.exit(0);
        assertThat(rendered())
                .isEqualTo(
                        """
                        r2 = 1
                        r3 = 2
                        r1 = r2
                        r2 = r3
                        call mix
                        r1 = r0
                        r2 = 7
                        call mix
                        *(u64 *)(r10 -8) = 0
                        r1 = map[jvs_map]
                        r2 = r10
                        r2 += -8
                        call map_lookup_elem
                        r0 = 0
                        exit
                        mix: r1 += r2
                        r0 = r1
                        exit
                        """);
    }

    @Test
    void variablesAreWatched() {
        Var a = code.var("a", R2);
        assertThatThrownBy(() -> a.add(1))
                .hasMessage("variable 'a' has no value here: r2 was never set");
        a.set(1);
        Var b = code.var("b", R2).set(2);
        assertThatThrownBy(() -> code.when(a.eq(1), out))
                .hasMessage("variable 'a' has no value here: r2 was taken by 'b'");
        code.kernel().jiffies();
        assertThatThrownBy(() -> b.add(1))
                .hasMessage(
                        "variable 'b' has no value here: r2 does not survive the call of"
                                + " jiffies64");
        Var now = code.var("now", R0);
        assertThatThrownBy(() -> code.when(now.eq(1), out)).hasMessageContaining("taken by");
        Var kept = code.var("kept", R6).set(0);
        code.when(kept.eq(1), () -> b.set(1));
        assertThatThrownBy(() -> b.add(1)).hasMessageContaining("on some ways to");
        Var c = code.var("c", R3).set(0);
        assertThatThrownBy(() ->
                        code.loop(
                                "l",
                                code.var("i", R7),
                                0,
                                3,
                                _ -> {
                                    c.add(1);
                                    code.var("d", R3).set(1);
                                }))
                .hasMessage("loop l reads 'c', but leaves something else in R3 for its next pass");
        assertThatThrownBy(() -> code.var("x", R10)).hasMessageContaining("frame pointer");
    }

    @Test
    void waysAreWatched() {
        assertThatThrownBy(() -> new Code("open").program())
                .hasMessage("open has a way that does not end in an exit");
        code.jump(out);
        assertThatThrownBy(() -> code.exit(1)).hasMessageContaining("no way leads to");
        Label unused = code.label("unused");
        code.block(unused, () -> code.exit(99));
        code.block(out, () -> code.exit(1));
        assertThat(code.program().size()).isEqualTo(2);
        Code late = new Code("late");
        Label skipped = late.label("skipped");
        late.exit(0);
        late.block(skipped, () -> late.exit(1));
        assertThatThrownBy(
                        () -> {
                            Code other = new Code("other");
                            Label behind = other.label("behind");
                            other.when(other.context().eq(1), behind);
                            other.block(behind, () -> {});
                            other.jump(behind);
                        })
                .hasMessage("label behind lies behind; the way back is a loop");
    }

    @Test
    void mapsAreSaidWhenTheCodeIsAskedFor() {
        code.kernel().redirect(MAP, Argument.of(0), Xdp.PASS);
        code.exit(0);
        Program program = code.program();
        assertThat(program.maps()).containsExactly("jvs_map");
        assertThatThrownBy(program::code)
                .hasMessage("test needs to be told which map 'jvs_map' is");
        assertThat(program.code(_ -> 77)[4]).isEqualTo((byte) 77);
    }

    @Test
    void anyCodeCanBeListed() {
        Var port = code.var("port", R2).set(1);
        Area area = code.stack("area", 8);
        area.store(Ports.SOURCE, port.toNetwork(16));
        code.when(port.eq(1), out);
        code.loop("l", code.var("i", R3), 0, 3, _ -> {});
        code.block(out, () -> code.exit(0));
        Program program = code.program();
        Listing listing = Listing.ofCode("raw", program.code());
        assertThat(listing.rows().stream().map(Listing.Row::text))
                .contains("if r3 < 3 goto L5", "if r2 == 0x100 goto L7", "exit");
        assertThat(listing.rows().stream().map(Listing.Row::label)).contains("L5", "L7");
        assertThatThrownBy(() -> Listing.ofCode("odd", new byte[7])).hasMessageContaining("7");
        // random bytes have no meaning, but a listing
        byte[] random = new byte[8 * 4096];
        new java.util.Random(1).nextBytes(random);
        assertThat(Listing.ofCode("random", random).toString().lines()).isNotEmpty();
    }
}
