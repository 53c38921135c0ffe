package org.jvs.ebpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jvs.ebpf.Register.R0;
import static org.jvs.ebpf.Register.R1;
import static org.jvs.ebpf.Register.R10;
import static org.jvs.ebpf.Register.R2;
import static org.jvs.ebpf.Register.R6;
import static org.jvs.ebpf.Register.R7;

import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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
        assertThat(program.listing().strip()).isEqualTo("0: " + listing);
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
                        .listing();
        assertThat(listing.lines().toList())
                .satisfiesExactly(
                        l ->
                                assertThat(l)
                                        .startsWith("    0: r2 = *(u32 *)(r1 +0) ")
                                        .endsWith("; parse"),
                        l -> assertThat(l).isEqualTo("    1: if r2 != 0 goto out"),
                        l -> assertThat(l).isEqualTo("out:"),
                        l -> assertThat(l).isEqualTo("    2: exit"));
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
