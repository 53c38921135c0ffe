package org.jvs.ebpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jvs.ebpf.Register.R0;
import static org.jvs.ebpf.Register.R1;
import static org.jvs.ebpf.Register.R10;
import static org.jvs.ebpf.Register.R2;
import static org.jvs.ebpf.Register.R3;
import static org.jvs.ebpf.Register.R4;
import static org.jvs.ebpf.Register.R6;
import static org.jvs.ebpf.Register.R7;

import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Encodings worked out by hand from RFC 9669: opcode, source and destination nibbles, 16-bit
/// offset, 32-bit immediate.
class AssemblerTest {
    private static Arguments row(String listing, String bytes, Consumer<Assembler> emit) {
        return Arguments.of(listing, bytes, emit);
    }

    static Arguments[] encodings() {
        return new Arguments[] {
            row("r1 += r2", "0f21 0000 00000000", a -> a.add(R1, R2)),
            row("r1 += -14", "0701 0000 f2ffffff", a -> a.add(R1, -14)),
            row("r6 = r1", "bf16 0000 00000000", a -> a.mov(R6, R1)),
            row("r0 = 2", "b700 0000 02000000", a -> a.mov(R0, 2)),
            row("w1 = w2", "bc21 0000 00000000", a -> a.alu32(Alu.MOV, R1, R2)),
            row("w7 s>>= 31", "c407 0000 1f000000", a -> a.alu32(Alu.ARSH, R7, 31)),
            row("r2 <<= 63", "6702 0000 3f000000", a -> a.shiftLeft(R2, 63)),
            row("r1 &= 0xffff", "5701 0000 ffff0000", a -> a.and(R1, 0xffff)),
            row("r1 %= r2", "9f21 0000 00000000", a -> a.alu(Alu.MOD, R1, R2)),
            row("r1 = -r1", "8701 0000 00000000", a -> a.negate(R1)),
            row("r1 = be16 r1", "dc01 0000 10000000", a -> a.bigEndian(R1, 16)),
            row("r1 = le32 r1", "d401 0000 20000000", a -> a.littleEndian(R1, 32)),
            row("r1 = *(u8 *)(r7 +23)", "7171 1700 00000000", a -> a.load(Size.BYTE, R1, R7, 23)),
            row("r1 = *(u16 *)(r7 +12)", "6971 0c00 00000000", a -> a.load(Size.HALF, R1, R7, 12)),
            row("r2 = *(u32 *)(r1 +4)", "6112 0400 00000000", a -> a.load(Size.WORD, R2, R1, 4)),
            row("r2 = *(u64 *)(r1 -8)", "7912 f8ff 00000000", a -> a.load(Size.DOUBLE, R2, R1, -8)),
            row("*(u16 *)(r7 +36) = r1", "6b17 2400 00000000", a -> a.store(Size.HALF, R7, 36, R1)),
            row("*(u32 *)(r10 -4) = 6", "620a fcff 06000000", a -> a.store(Size.WORD, R10, -4, 6)),
            row(
                    "atomic_add *(u64 *)(r1 +8), r2",
                    "db21 0800 00000000",
                    a -> a.atomicAdd(Size.DOUBLE, R1, 8, R2)),
            row(
                    "atomic_compare_exchange *(u32 *)(r1 +0), r2",
                    "c321 0000 f1000000",
                    a -> a.atomic(Atomic.COMPARE_EXCHANGE, Size.WORD, R1, 0, R2)),
            row("w3 -= w4", "1c43 0000 00000000", a -> a.alu32(Alu.SUB, R3, R4)),
            row("r3 *= 7", "2703 0000 07000000", a -> a.alu(Alu.MUL, R3, 7)),
            row("w3 /= 7", "3403 0000 07000000", a -> a.alu32(Alu.DIV, R3, 7)),
            row("r3 /= r4", "3f43 0000 00000000", a -> a.alu(Alu.DIV, R3, R4)),
            row("r3 |= r4", "4f43 0000 00000000", a -> a.or(R3, R4)),
            row("w3 ^= 1", "a403 0000 01000000", a -> a.alu32(Alu.XOR, R3, 1)),
            row("r3 >>= r4", "7f43 0000 00000000", a -> a.alu(Alu.RSH, R3, R4)),
            row("w3 <<= w4", "6c43 0000 00000000", a -> a.alu32(Alu.LSH, R3, R4)),
            row("r3 s>>= 63", "c703 0000 3f000000", a -> a.alu(Alu.ARSH, R3, 63)),
            row("w3 %= 10", "9403 0000 0a000000", a -> a.alu32(Alu.MOD, R3, 10)),
            row("w3 = -w3", "8403 0000 00000000", a -> a.negate32(R3)),
            row("r1 = be64 r1", "dc01 0000 40000000", a -> a.bigEndian(R1, 64)),
            row(
                    "*(u8 *)(r10 -1) = 255",
                    "720a ffff ff000000",
                    a -> a.store(Size.BYTE, R10, -1, 255)),
            row(
                    "*(u64 *)(r10 -8) = -1",
                    "7a0a f8ff ffffffff",
                    a -> a.store(Size.DOUBLE, R10, -8, -1)),
            row(
                    "*(u64 *)(r10 -8) = r1",
                    "7b1a f8ff 00000000",
                    a -> a.store(Size.DOUBLE, R10, -8, R1)),
            row(
                    "atomic_or *(u64 *)(r1 +0), r2",
                    "db21 0000 40000000",
                    a -> a.atomic(Atomic.OR, Size.DOUBLE, R1, 0, R2)),
            row(
                    "atomic_and *(u32 *)(r1 +0), r2",
                    "c321 0000 50000000",
                    a -> a.atomic(Atomic.AND, Size.WORD, R1, 0, R2)),
            row(
                    "atomic_xor *(u64 *)(r1 +0), r2",
                    "db21 0000 a0000000",
                    a -> a.atomic(Atomic.XOR, Size.DOUBLE, R1, 0, R2)),
            row(
                    "atomic_fetch_add *(u64 *)(r1 +0), r2",
                    "db21 0000 01000000",
                    a -> a.atomic(Atomic.FETCH_ADD, Size.DOUBLE, R1, 0, R2)),
            row(
                    "atomic_exchange *(u64 *)(r1 +0), r2",
                    "db21 0000 e1000000",
                    a -> a.atomic(Atomic.EXCHANGE, Size.DOUBLE, R1, 0, R2)),
            row("call map_lookup_elem", "8500 0000 01000000", a -> a.call(Helper.MAP_LOOKUP_ELEM)),
            row("exit", "9500 0000 00000000", Assembler::exit),
            row(
                    "r1 = 0x1122334455667788 ll",
                    "1801 0000 88776655 0000 0000 44332211",
                    a -> a.loadConstant(R1, 0x1122334455667788L)),
            row("r1 = map[fd 5]", "1811 0000 05000000 0000 0000 00000000", a -> a.loadMap(R1, 5)),
            row(
                    "r1 = map[fd 5].value +64",
                    "1821 0000 05000000 0000 0000 40000000",
                    a -> a.loadMapValue(R1, 5, 64)),
        };
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("encodings")
    void encodesAsTheRfcSays(String listing, String bytes, Consumer<Assembler> emit) {
        Assembler assembler = new Assembler();
        emit.accept(assembler);
        Program program = assembler.assemble("t");
        assertThat(HexFormat.of().formatHex(program.code())).isEqualTo(bytes.replace(" ", ""));
        assertThat(program.listing().toString().strip()).isEqualTo("0: " + listing);
    }

    @ParameterizedTest
    @CsvSource({
        "EQ, ==, 1d, 15, 1e, 16", "GT, >, 2d, 25, 2e, 26", "GE, >=, 3d, 35, 3e, 36",
        "SET, &, 4d, 45, 4e, 46", "NE, !=, 5d, 55, 5e, 56", "SGT, s>, 6d, 65, 6e, 66",
        "SGE, s>=, 7d, 75, 7e, 76", "LT, <, ad, a5, ae, a6", "LE, <=, bd, b5, be, b6",
        "SLT, s<, cd, c5, ce, c6", "SLE, s<=, dd, d5, de, d6",
    })
    void conditionsInAllForms(
            Condition condition, String symbol, String x64, String k64, String x32, String k32) {
        Label next = new Label("next");
        Program program =
                new Assembler()
                        .jumpIf(condition, R1, R2, next)
                        .jumpIf(condition, R1, -2, next)
                        .jumpIf32(condition, R1, R2, next)
                        .jumpIf32(condition, R1, 7, next)
                        .bind(next)
                        .exit()
                        .assemble("c");
        assertThat(HexFormat.of().formatHex(program.code()))
                .isEqualTo(
                        x64
                                + "21030000000000"
                                + k64
                                + "010200feffffff"
                                + x32
                                + "21010000000000"
                                + k32
                                + "01000007000000"
                                + "9500000000000000");
        assertThat(program.listing().rows().stream().map(Listing.Row::text))
                .startsWith(
                        "if r1 " + symbol + " r2 goto next",
                        "if r1 " + symbol + " -2 goto next",
                        "if w1 " + symbol + " w2 goto next",
                        "if w1 " + symbol + " 7 goto next");
    }

    /// What the assembler does not emit, because it needs Linux 6.6, is read all the same.
    @ParameterizedTest
    @CsvSource({
        "bf21 0800 00000000, r1 = (s8)r2",
        "bc21 1000 00000000, w1 = (s16)w2",
        "9121 0400 00000000, r1 = *(s8 *)(r2 +4)",
        "3f21 0100 00000000, r1 s/= r2",
        "9701 0100 03000000, r1 s%= 3",
        "d701 0000 20000000, r1 = bswap32 r1",
        "0600 0000 ffffffff, goto L0",
        "db21 0000 10010000, 'store_release *(u64 *)(r1 +0), r2'",
        "db21 0000 00010000, r1 = load_acquire *(u64 *)(r2 +0)",
        "8520 0000 05000000, call kernel function 5",
        "8500 0000 ff030000, call #1023",
        "2000 0000 0c000000, r0 = *(u32 *)skb[12]",
        "e701 0000 00000000, '(e7) unknown: dst 1 src 0 offset 0 immediate 0'",
    })
    void readsAllOfTheRfc(String bytes, String text) {
        byte[] code = HexFormat.of().parseHex(bytes.replace(" ", ""));
        assertThat(Listing.ofCode("raw", code).rows().getFirst().text()).isEqualTo(text);
    }

    @Test
    void jumpsCountFromTheNextInstruction() {
        Label back = new Label("back");
        Label out = new Label("out");
        Program program =
                new Assembler()
                        .bind(back)
                        .jumpIf(Condition.GT, R1, R2, out)
                        .jumpIf32(Condition.EQ, R1, 6, out)
                        .loadConstant(R6, 1)
                        .jump(back)
                        .bind(out)
                        .exit()
                        .assemble("jumps");
        assertThat(HexFormat.of().formatHex(program.code()))
                .isEqualTo(
                        "2d21040000000000" // to 5 from 0
                                + "1601030006000000" // to 5 from 1
                                + "18060000010000000000000000000000"
                                + "0500fbff00000000" // to 0 from 4
                                + "9500000000000000");
    }

    @Test
    void callsOfOwnFunctionsCarryTheDistanceAsImmediate() {
        Label function = new Label("function");
        Program program =
                new Assembler().call(function).exit().bind(function).returns(3).assemble("calls");
        assertThat(HexFormat.of().formatHex(program.code())).startsWith("85100000" + "01000000");
    }

    @Test
    void listingShowsLabelsAndNotes() {
        Label out = new Label("out");
        String listing =
                new Assembler()
                        .note("parse")
                        .load(Size.WORD, R2, R1, Xdp.DATA)
                        .jumpIf(Condition.NE, R2, 0, out)
                        .bind(out)
                        .exit()
                        .assemble("l")
                        .listing()
                        .toString();
        assertThat(listing.lines().toList())
                .containsExactly(
                        "       ; parse",
                        "    0: r2 = *(u32 *)(r1 +0)",
                        "    1: if r2 != 0 goto out",
                        "out:",
                        "    2: exit");
    }

    @Test
    void refusesWhatCannotBeEncoded() {
        Assembler a = new Assembler();
        assertThatThrownBy(() -> a.load(Size.BYTE, R1, R2, 40_000))
                .hasMessage("offset 40000 is not in -32768..32767");
        assertThatThrownBy(() -> a.shiftLeft(R1, 64)).hasMessage("a shift by 64 is not in 0..63");
        assertThatThrownBy(() -> a.bigEndian(R1, 8)).hasMessageContaining("not 8");
        assertThatThrownBy(() -> a.atomicAdd(Size.HALF, R1, 0, R2)).hasMessageContaining("HALF");
        assertThatThrownBy(() -> new Assembler().jump(new Label("gone")).assemble("x"))
                .hasMessage("label gone is never bound");
        Label twice = new Label("twice");
        assertThatThrownBy(() -> new Assembler().bind(twice).bind(twice))
                .hasMessage("label twice is bound twice");
        Label far = new Label("far");
        Assembler big = new Assembler().jump(far);
        for (int i = 0; i < 40_000; i++) {
            big.mov(R0, 0);
        }
        assertThatThrownBy(() -> big.bind(far).exit().assemble("big"))
                .hasMessageContaining("spans 40000 instructions");
    }
}
