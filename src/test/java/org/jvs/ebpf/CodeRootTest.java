package org.jvs.ebpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.jvs.ebpf.Register.R0;
import static org.jvs.ebpf.Register.R1;
import static org.jvs.ebpf.Register.R2;
import static org.jvs.ebpf.Register.R3;
import static org.jvs.ebpf.Register.R4;
import static org.jvs.ebpf.Register.R5;
import static org.jvs.ebpf.Register.R6;
import static org.jvs.ebpf.Register.R7;
import static org.jvs.ebpf.Register.R8;
import static org.jvs.ebpf.Register.R9;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvs.ebpf.Headers.Ethernet;
import org.jvs.ebpf.Headers.Ipv4;
import org.jvs.ebpf.Headers.Ports;
import org.jvs.linux.BpfLoadException;
import org.jvs.linux.BpfMap;
import org.jvs.linux.BpfProgram;

/// Structured programs, accepted by the kernel's verifier and run by it.
@Tag("root")
class CodeRootTest {
    private static final MapRef MEMORY = new MapRef("jvs_memory");
    private static final Field WORD = Field.u64("word", 0);

    private final Code code = new Code("jvs_test");

    private int run(byte[] frame, BpfMap... maps) {
        return run(frame, frame.length, maps).get(JAVA_BYTE, 0) & 0xff;
    }

    /// The packet afterwards, behind one byte with the result.
    private MemorySegment run(byte[] frame, int expectedBytes, BpfMap... maps) {
        Program program = code.program();
        byte[] bytes =
                program.code(name -> {
                    for (BpfMap map : maps) {
                        if (map.name().equals(name)) {
                            return map.fd().value();
                        }
                    }
                    throw new AssertionError(name);
                });
        try (Arena arena = Arena.ofConfined();
                BpfProgram loaded = BpfProgram.loadXdp(program.name(), bytes, program.listing())) {
            MemorySegment packet = arena.allocate(Math.max(frame.length, 64), 8);
            MemorySegment output = arena.allocate(512, 8);
            MemorySegment.copy(frame, 0, packet, JAVA_BYTE, 0, frame.length);
            BpfProgram.TestRun run = loaded.testRun(packet, output, 1);
            assertThat(run.outputBytes()).isEqualTo(Math.max(expectedBytes, 64));
            byte[] all = new byte[run.outputBytes() + 1];
            all[0] = (byte) run.result();
            MemorySegment.copy(output, JAVA_BYTE, 0, all, 1, run.outputBytes());
            return MemorySegment.ofArray(all);
        }
    }

    /// Both branches of every comparison, in all its forms, against numbers around zero and around
    /// the ends of 32 bits.
    @ParameterizedTest
    @EnumSource(Condition.class)
    void comparisonsAndTheirOpposites(Condition condition) {
        long[] numbers = {0, 1, 5, -1, 0x7fffffffL, 0x80000000L, 0xffffffffL, 1L << 32, -7};
        Var wrong = code.var("wrong", R6).set(0);
        Var a = code.var("a", R7);
        Var b = code.var("b", R8);
        for (long left : numbers) {
            for (long right : numbers) {
                a.set(left);
                b.set(right);
                expect(a.is(condition, b), holds(condition, left, right), wrong);
                expect(
                        a.low().is(condition, b),
                        condition.name().startsWith("S") && condition != Condition.SET
                                ? holds(condition, signed(left), signed(right))
                                : holds(condition, left & 0xffffffffL, right & 0xffffffffL),
                        wrong);
                if (right == (int) right) {
                    expect(a.is(condition, right), holds(condition, left, right), wrong);
                }
            }
        }
        code.exit(wrong);
        assertThat(run(new byte[64])).isZero();
    }

    private void expect(Check check, boolean holds, Var wrong) {
        code.when(check, () -> wrong.add(holds ? 0 : 1), () -> wrong.add(holds ? 1 : 0));
        code.when(check.not(), () -> wrong.add(holds ? 1 : 0));
        code.when(check.and(check.not()).or(check), () -> wrong.add(holds ? 0 : 1));
    }

    /// The low 32 bits with their sign.
    private static long signed(long number) {
        return number << 32 >> 32;
    }

    private static boolean holds(Condition condition, long a, long b) {
        int unsigned = Long.compareUnsigned(a, b);
        int signed = Long.compare(a, b);
        return switch (condition) {
            case EQ -> a == b;
            case NE -> a != b;
            case SET -> (a & b) != 0;
            case GT -> unsigned > 0;
            case GE -> unsigned >= 0;
            case LT -> unsigned < 0;
            case LE -> unsigned <= 0;
            case SGT -> signed > 0;
            case SGE -> signed >= 0;
            case SLT -> signed < 0;
            case SLE -> signed <= 0;
        };
    }

    @Test
    void loopsChoicesAndFunctions() {
        Function square =
                new Function(
                        "square",
                        "a number times itself",
                        List.of("number"),
                        arguments -> {
                            Area own = code.stack("own", 8);
                            Var n = arguments.getFirst();
                            own.store(WORD, n);
                            code.exit(code.var("m", R0).load(own, WORD).mul(n));
                        });
        Slot sum = code.slot("sum");
        sum.store(0);
        Var i = code.var("i", R6);
        code.loop(
                "numbers",
                i,
                0,
                10,
                loop -> {
                    Var squared = code.call("squared", square, i);
                    squared.add(code.var("so far", R1).load(sum));
                    sum.store(squared);
                    loop.leaveWhen(squared.gt(50));
                });
        Var total = code.var("total", R2).load(sum);
        // 0 + 1 + 4 + 9 + 16 + 25
        code.choose(total)
                .is(30, () -> code.exit(1))
                .is(55, () -> total.set(7))
                .otherwise(() -> total.set(9));
        code.exit(total);
        assertThat(run(new byte[64])).isEqualTo(7);
    }

    @Test
    void sharedMemoryAndAtomics() {
        try (BpfMap memory = BpfMap.sharedMemory(MEMORY.name(), 4096)) {
            MemorySegment mapped = memory.map();
            mapped.set(JAVA_LONG, 128, 40);
            Var line = code.var("line", R6).address(MEMORY, 128);
            Var amount = code.var("amount", R2).set(2);
            line.atomicAdd(WORD, amount);
            line.fetch(Atomic.FETCH_ADD, WORD, amount);
            line.plus(8).store(WORD, amount);
            Var expected = code.var("expected", R0).set(44);
            line.compareExchange(WORD, expected, code.var("new", R3).set(100));
            line.plus(16).store(WORD, expected);
            expected.set(1);
            line.compareExchange(WORD, expected, code.var("new", R3).set(200));
            line.fetch(Atomic.EXCHANGE, WORD, code.var("last", R4).set(300));
            line.plus(24).store(WORD, expected);
            code.exit(Xdp.DROP);
            assertThat(run(new byte[64], memory)).isEqualTo(Xdp.DROP);
            assertThat(mapped.get(JAVA_LONG, 128)).isEqualTo(300);
            assertThat(mapped.get(JAVA_LONG, 136)).isEqualTo(42);
            assertThat(mapped.get(JAVA_LONG, 144)).isEqualTo(44);
            assertThat(mapped.get(JAVA_LONG, 152)).isEqualTo(100);
        }
    }

    /// A director in small: UDP to port 53 of 10.0.0.1 is counted and sent back to a neighbour.
    @Test
    void directRoutingInTwentyLines() {
        Label pass = code.label("pass");
        Packet packet = Packet.open(code, R8, R6, R7);
        Var scratch = code.var("scratch", R2);
        Place ip = packet.data().plus("ip", Ethernet.BYTES);
        Place udp = packet.data().plus("udp", Ethernet.BYTES + Ipv4.BYTES);
        packet.require(packet.data(), 42, scratch, pass);
        code.when(scratch.load(packet.data(), Ethernet.TYPE).ne(Ethernet.IPV4), pass);
        code.when(scratch.load(ip, Ipv4.VERSION).ne(0x45), pass);
        code.note("a request to the virtual service 10.0.0.1:53");
        code.when(scratch.load(ip, Ipv4.DESTINATION).ne(0x0a000001), pass);
        code.when(
                scratch.load(ip, Ipv4.PROTOCOL)
                        .ne(17)
                        .or(code.var("port", R3).load(udp, Ports.DESTINATION).ne(53)),
                pass);
        Var line = code.var("line", R4).address(MEMORY, 64);
        line.atomicAdd(WORD.plus(8), scratch.set(1));
        code.choose(code.var("alive", R5).load(line, WORD))
                .is(0, pass)
                .otherwise(() -> {
                    packet.data().store(Ethernet.DESTINATION, 0x02000000);
                    packet.data().store(Ethernet.DESTINATION_END, 0x0002);
                    code.exit(Xdp.TX);
                });
        code.block(pass, "on to the host", () -> code.exit(Xdp.PASS));
        byte[] request = new byte[64];
        request[12] = 8;
        request[14] = 0x45;
        request[23] = 17;
        request[30] = 10;
        request[33] = 1;
        request[37] = 53;
        try (BpfMap memory = BpfMap.sharedMemory(MEMORY.name(), 4096)) {
            MemorySegment mapped = memory.map();
            assertThat(run(request, memory)).isEqualTo(Xdp.PASS);
            mapped.set(JAVA_LONG, 64, 1);
            byte[] after = run(request, 64, memory).toArray(JAVA_BYTE);
            assertThat(after).startsWith(Xdp.TX, 2, 0, 0, 0, 0, 2);
            assertThat(mapped.get(JAVA_LONG, 72)).isEqualTo(2);
            request[37] = 54;
            assertThat(run(request, memory)).isEqualTo(Xdp.PASS);
            assertThat(mapped.get(JAVA_LONG, 72)).isEqualTo(2);
        }
    }

    /// A header with a right checksum still has one after an address in it was replaced, whatever
    /// the addresses; and the other way round for what is compared.
    @Test
    void checksumsFollowWhatIsReplaced() {
        Label broken = code.label("broken");
        Packet packet = Packet.open(code, R8, R6, R7);
        Var scratch = code.var("scratch", R2);
        Place ip = packet.data().plus("ip", Ethernet.BYTES);
        packet.require(packet.data(), 34, scratch, broken);
        Var before = code.var("before", R3).load(ip, Ipv4.DESTINATION);
        Var after = code.var("after", R4).load(ip, Ipv4.SOURCE);
        ip.store(Ipv4.DESTINATION, after);
        Var sum = code.var("sum", R5);
        Checksums.begin(sum, ip, Ipv4.CHECKSUM);
        Checksums.replace(sum, before.raw(), after.raw());
        Checksums.end(sum, ip, Ipv4.CHECKSUM, scratch);
        code.require(packet.data(), new byte[] {0, 1, 2, 3, 4, 5, 6}, scratch, broken);
        code.exit(Xdp.TX);
        code.block(broken, () -> code.exit(Xdp.ABORTED));
        Program program = code.program();
        Random random = new Random(3);
        try (Arena arena = Arena.ofConfined();
                BpfProgram loaded =
                        BpfProgram.loadXdp(program.name(), program.code(), program.listing())) {
            MemorySegment packetBytes = arena.allocate(64, 8);
            MemorySegment output = arena.allocate(64, 8);
            for (int round = 0; round < 500; round++) {
                byte[] frame = new byte[64];
                random.nextBytes(frame);
                for (int i = 0; i < 7; i++) {
                    frame[i] = (byte) i;
                }
                if (round % 5 == 0) {
                    java.util.Arrays.fill(frame, 26, 34, (byte) (round % 10 == 0 ? 0 : -1));
                }
                frame[24] = 0;
                frame[25] = 0;
                int checksum = ~sum(frame) & 0xffff;
                frame[24] = (byte) (checksum >>> 8);
                frame[25] = (byte) checksum;
                MemorySegment.copy(frame, 0, packetBytes, JAVA_BYTE, 0, 64);
                assertThat(loaded.testRun(packetBytes, output, 1).result()).isEqualTo(Xdp.TX);
                assertThat(sum(output.toArray(JAVA_BYTE))).isEqualTo(0xffff);
            }
            packetBytes.set(JAVA_BYTE, 6, (byte) 9);
            assertThat(loaded.testRun(packetBytes, output, 1).result()).isEqualTo(Xdp.ABORTED);
        }
    }

    private static int sum(byte[] frame) {
        int sum = 0;
        for (int at = 14; at < 34; at += 2) {
            sum += (frame[at] & 0xff) << 8 | frame[at + 1] & 0xff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (sum & 0xffff) + (sum >>> 16);
    }

    /// Room in front of a packet, and its Ethernet header moved there: the shape of IPIP.
    @Test
    void packetsGrowAtTheFront() {
        Label broken = code.label("broken");
        Packet packet = Packet.open(code, R8, R6, R7);
        Var scratch = code.var("scratch", R2);
        packet.require(packet.data(), Ethernet.BYTES + Ipv4.BYTES, scratch, broken);
        Var total = code.var("total", R9).load(packet.data().plus(14), Ipv4.TOTAL_LENGTH).toHost();
        code.when(code.kernel().adjustHead(packet.context(), -Ipv4.BYTES).ne(0), broken);
        packet.reload();
        packet.require(packet.data(), 2 * Ipv4.BYTES + Ethernet.BYTES, scratch, broken);
        packet.data().copyFrom(packet.data().plus("old", Ipv4.BYTES), 14, 2, scratch);
        Place outer = packet.data().plus("outer", Ethernet.BYTES);
        outer.zero(0, Ipv4.BYTES);
        outer.store(Ipv4.VERSION, 0x45);
        outer.store(Ipv4.TOTAL_LENGTH, total.add(Ipv4.BYTES).toNetwork(16));
        outer.store(Ipv4.DESTINATION, 0x0a000009);
        code.exit(Xdp.TX);
        code.block(broken, () -> code.exit(Xdp.ABORTED));
        byte[] frame = new byte[64];
        for (int i = 0; i < frame.length; i++) {
            frame[i] = (byte) i;
        }
        byte[] after = run(frame, 84).toArray(JAVA_BYTE);
        assertThat(after[0]).isEqualTo((byte) Xdp.TX);
        assertThat(after).startsWith(3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0x45, 0);
        assertThat(new int[] {after[17], after[18]}).containsExactly(16, 17 + 20);
        assertThat(after[31]).isEqualTo((byte) 10);
        assertThat(after[34]).isEqualTo((byte) 9);
        assertThat(after[35]).isEqualTo((byte) 14);
    }

    @Test
    void helpersTakeTheirArguments() {
        Packet packet = Packet.open(code, R8, R6, R7);
        Slot seen = code.slot("seen");
        seen.store(code.kernel().jiffies());
        Var now = code.kernel().nanoseconds();
        code.when(now.eq(0), () -> code.exit(1));
        code.when(code.kernel().cpu().gt(4096), () -> code.exit(2));
        Var random = code.kernel().random();
        code.when(random.low().shiftRight(1).gt(0x7fffffff), () -> code.exit(3));
        Area from = code.stack("from", 4);
        Area to = code.stack("to", 4);
        from.store(Field.be32("a", 0), 0x0a000001);
        to.store(Field.be32("a", 0), 0x0a000002);
        Var difference = code.kernel().checksumDifference(from, 4, to, 4, Argument.of(0));
        code.when(difference.eq(0), () -> code.exit(4));
        code.when(
                code.kernel().adjustTail(packet.context(), Argument.of(-4)).ne(0),
                () -> code.exit(5));
        code.when(code.var("jiffies", R5).load(seen).eq(0), () -> code.exit(6));
        code.exit(Xdp.PASS);
        Program program = code.program();
        try (Arena arena = Arena.ofConfined();
                BpfProgram loaded =
                        BpfProgram.loadXdp(program.name(), program.code(), program.listing())) {
            BpfProgram.TestRun run = loaded.testRun(arena.allocate(100, 8), null, 1);
            assertThat(run.result()).isEqualTo(Xdp.PASS);
            assertThat(run.outputBytes()).isEqualTo(96);
        }
    }

    @Test
    void aRefusalShowsTheListingAndWhatToTry() {
        Packet packet = Packet.open(code, R8, R6, R7);
        Label tcp = code.label("tcp");
        code.jump(tcp);
        code.block(
                tcp,
                "the flags decide about the state",
                () -> code.exit(code.var("flags", R3).load(packet.data(), Headers.Tcp.FLAGS)));
        BpfLoadException refusal =
                catchThrowableOfType(BpfLoadException.class, () -> run(new byte[64]));
        List<String> lines = String.valueOf(refusal.getMessage()).lines().toList();
        assertThat(lines.getFirst())
                .startsWith(
                        "load BPF program jvs_test: EACCES: the verifier refused instruction 3:")
                .contains("invalid access to packet");
        assertThat(refusal)
                .hasMessageContaining("  tcp:\n")
                .hasMessageContaining("; the flags decide about the state")
                .hasMessageContaining("->    3: r3 = *(u8 *)(r6 +13)")
                .hasMessageContaining("flags = packet.flags")
                .hasMessageContaining("the end of the verifier's log:");
        assertThat(lines.getLast()).startsWith("Try: ask whether the packet reaches that far");
        assertThat(refusal.log()).contains("invalid access to packet");
    }

    @Test
    void aRefusalOfTheWholeProgramNamesTheInstructionToo() {
        Program bad =
                new Assembler()
                        .mov(R0, 0)
                        .exit()
                        .note("left over")
                        .mov(R0, 1)
                        .exit()
                        .assemble("bad");
        BpfLoadException refusal =
                catchThrowableOfType(
                        BpfLoadException.class,
                        () -> BpfProgram.loadXdp("bad", bad.code(), bad.listing()).close());
        assertThat(refusal)
                .hasMessageContaining("refused instruction 2: unreachable insn 2")
                .hasMessageContaining("; left over\n->    2: r0 = 1")
                .hasMessageContaining("Try: take away the code");
    }
}
