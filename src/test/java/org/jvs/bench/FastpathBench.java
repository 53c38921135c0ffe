package org.jvs.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.jvs.ebpf.Register.R0;
import static org.jvs.ebpf.Register.R1;
import static org.jvs.ebpf.Register.R2;
import static org.jvs.ebpf.Register.R3;
import static org.jvs.ebpf.Register.R4;
import static org.jvs.ebpf.Register.R5;
import static org.jvs.ebpf.Register.R6;
import static org.jvs.ebpf.Register.R7;
import static org.jvs.ebpf.Register.R8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.engine.DirectorOptions;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.core.state.TcpState;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Control;
import org.jvs.core.table.Found;
import org.jvs.datapath.program.AddressMarks;
import org.jvs.datapath.program.Clock;
import org.jvs.datapath.program.FlowProgram;
import org.jvs.datapath.program.Layout;
import org.jvs.datapath.program.Shape;
import org.jvs.datapath.program.SharedTables;
import org.jvs.datapath.program.Transitions;
import org.jvs.ebpf.Checksums;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Headers.Ethernet;
import org.jvs.ebpf.Headers.Ipv4;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.Packet;
import org.jvs.ebpf.Place;
import org.jvs.ebpf.Program;
import org.jvs.ebpf.Var;
import org.jvs.ebpf.Xdp;
import org.jvs.lab.Lab;
import org.jvs.lab.LabHost;
import org.jvs.linux.BpfMap;
import org.jvs.linux.BpfProgram;
import org.jvs.linux.CpuAffinity;
import org.jvs.linux.MacAddress;
import org.jvs.testing.Rig;

/**
 * {@code ./jvs bench fastpath}: nanoseconds per packet of the generated program in the kernel's
 * test runs. Each program begins with a wrapper that puts the frame back and makes it one of
 * another flow, in an order without pattern; what the wrapper costs is in all figures, those of the
 * floors too. Rounds are interleaved, so that a noisy neighbour meets all alike.
 */
final class FastpathBench {
    private static final MacAddress OWN = MacAddress.parse("02:00:00:00:00:01");
    private static final MacAddress NEXT = MacAddress.parse("02:00:00:00:00:02");
    private static final int VIP = 0x0a000001;
    private static final int SERVER = 0x0a010001;
    private static final int CLIENTS = 0x0b000000;
    private static final int LENGTH = 64;

    /** Packets of one measurement, and of a rehearsal that leaves in the caches what fits. */
    private static final int REPEAT = 100_000;

    private static final Field WORD = Field.u32("word", 0);
    private static final Field STATE = Field.u32("flow", 0);

    /** A program to be measured. */
    private record Case(
            String name, String floor, BpfProgram program, SharedTables tables, double[] rounds) {
        double min() {
            return Arrays.stream(rounds).min().orElse(Double.NaN);
        }

        double median() {
            double[] sorted = rounds.clone();
            Arrays.sort(sorted);
            return sorted[sorted.length / 2];
        }
    }

    private final Lab lab = Lab.create();
    private final LabHost here = lab.host("here");
    private final Arena arena = Arena.ofShared();
    private final List<Case> cases = new ArrayList<>();
    private final int rounds;
    private final int index;
    private final List<String> names;

    private FastpathBench(int rounds, List<String> names) {
        this.rounds = rounds;
        this.names = names;
        lab.wire(here, "eth0", lab.host("there"), "eth0", true);
        index = here.link("eth0").index();
        here.address("eth0", "192.0.2.1/24");
        here.netlink().neighbours().setPermanent(index, Address.parse("192.0.2.254"), NEXT);
        here.route("0.0.0.0/0", "192.0.2.254");
        here.forward();
    }

    static int run(String[] arguments) {
        boolean json = List.of(arguments).contains("--json");
        boolean quick = List.of(arguments).contains("--quick");
        List<String> names =
                Arrays.stream(arguments).filter(name -> !name.startsWith("--")).toList();
        FastpathBench bench = new FastpathBench(quick ? 10 : 60, names);
        bench.prepare();
        bench.measure();
        System.out.print(json ? bench.json() : bench.table());
        return 0;
    }

    private void prepare() {
        floor("floor-return", false, code -> code.exit(Xdp.TX));
        floor("floor-parse", false, code -> parse(code, false));
        floor("floor-ipip", true, code -> parse(code, true));
        Map<String, Integer> sizes = new LinkedHashMap<>();
        sizes.put("1", 1);
        sizes.put("64k", 1 << 16);
        sizes.put("1m", 1 << 20);
        sizes.forEach((size, flows) -> {
            flows("tun-" + size, flows, ForwardingMethod.TUNNEL, false);
            flows("dr-" + size, flows, ForwardingMethod.DIRECT, false);
            flows("nat-" + size, flows, ForwardingMethod.NAT, false);
            if (flows <= 1 << 16) {
                flows("nat-reply-" + size, flows, ForwardingMethod.NAT, true);
            }
        });
        flows("other", 0, ForwardingMethod.TUNNEL, false);
    }

    private boolean wanted(String name) {
        return name.startsWith("floor")
                || names.isEmpty()
                || names.stream().anyMatch(name::contains);
    }

    private void floor(String name, boolean tunnel, Consumer<Code> body) {
        // a table for the wrapper's counter
        SharedTables tables = new SharedTables(layout(64));
        Code code = new Code("jvs_bench");
        wrapper(code, 1, false, tunnel, VIP);
        body.accept(code);
        add(name, "floor-parse", code.program(), tables);
    }

    private void add(String name, String floor, Program program, SharedTables tables) {
        cases.add(new Case(name, floor, tables.load(program), tables, new double[rounds]));
    }

    private static Layout layout(int slots) {
        return new Layout(slots, 0x5eed, 0x5eed * 31 + 1, 16, 64, BpfMap.possibleCpus());
    }

    private void flows(String name, int flows, ForwardingMethod method, boolean reply) {
        if (!wanted(name)) {
            return;
        }
        int slots = Math.max(64, Integer.highestOneBit(Math.max(1, flows)) * 2);
        SharedTables tables = new SharedTables(layout(slots));
        Rig rig =
                new Rig(
                        tables,
                        new DirectorOptions(slots, 16, 8, 0x5eed, 0)
                                .withLanes(tables.layout.cpus() + 1));
        rig.add(rig.add(Protocol.TCP, "10.0.0.1", 80, "rr"), "10.1.0.1", 8080, method);
        AddressMarks.addVirtual(tables.addresses, Address.ipv4(VIP));
        if (method == ForwardingMethod.NAT) {
            AddressMarks.addRealserver(tables.addresses, Address.ipv4(SERVER));
        }
        Transitions.write(tables.transitions, rig.director.timeouts(), false);
        Clock.write(tables.clock, 4L << 32, 0);
        tables.hops.set(0, index, NEXT, OWN, 1500, 0, 0x0a0000feL);
        ConnectionTable table = rig.director.connections(Family.IPV4);
        long control = Control.of(TcpState.ESTABLISHED, 0, 0, Control.MAX_TIMEOUT_SECONDS);
        for (int flow = 0; flow < flows; flow++) {
            long client = Integer.toUnsignedLong(CLIENTS + flow);
            int slot =
                    table.insert(
                            0,
                            client,
                            1000,
                            0,
                            VIP,
                            80,
                            Protocol.TCP,
                            8080,
                            control,
                            new Found(),
                            0,
                            new Found());
            if (slot < 0) {
                throw new IllegalStateException("no room for flow " + flow);
            }
        }
        Shape shape = Shape.of(rig.director.services(), true);
        Code code = new Code("jvs_bench");
        boolean tunnel = method == ForwardingMethod.TUNNEL;
        wrapper(code, Math.max(1, flows), reply, tunnel, flows == 0 ? VIP + 99 : VIP);
        FlowProgram.render(code, shape, tables.layout, OWN, false);
        code.exit(Xdp.DROP);
        add(name, tunnel && flows != 0 ? "floor-ipip" : "floor-parse", code.program(), tables);
    }

    /** Puts the frame back, as a packet of the next flow; the context is in R1 again behind it. */
    private static void wrapper(Code code, int flows, boolean reply, boolean tunnel, int vip) {
        Label bad = code.label("bad");
        Label ready = code.label("ready");
        Packet packet = Packet.open(code, R6, R7, R8);
        Var value = code.var("value", R2);
        Var client = code.var("client", R3);
        if (tunnel) {
            code.note("the outer header of the last time goes");
            value.set(packet.end()).sub(packet.data());
            code.when(
                    value.gt(LENGTH),
                    () -> {
                        code.when(
                                code.kernel().adjustHead(packet.context(), Ipv4.BYTES).ne(0), bad);
                        packet.reload();
                    });
        }
        packet.require(packet.data(), LENGTH, value, bad);
        code.note("an order of flows without pattern, each once in a round");
        Var state = code.var("state", R4).address(org.jvs.datapath.program.Maps.CLOCK, 0);
        client.load(state, STATE.plus(Clock.BYTES));
        client.low().mul(1_664_525).add(1_013_904_223);
        state.store(STATE.plus(Clock.BYTES), client);
        client.and(flows - 1);
        value.set(client).shiftRight(7);
        client.xor(value).add(CLIENTS);
        Place ip = packet.data().plus("ip", Ethernet.BYTES);
        packet.data().store(WORD, Integer.reverseBytes(0x02000000));
        packet.data().store(WORD.plus(4), 0x0100);
        packet.data().store(WORD.plus(8), 0);
        packet.data().store(Ethernet.TYPE, Ethernet.IPV4);
        Var sum = code.var("sum", R5);
        int length = LENGTH - Ethernet.BYTES;
        ip.store(WORD, Integer.reverseBytes(0x45000000 | length));
        ip.store(WORD.plus(4), Integer.reverseBytes(0x00004000));
        sum.set(0x4500 + length + 0x4000 + 0x4006);
        int other = reply ? SERVER : vip;
        sum.add((other >>> 16) + (other & 0xffff));
        value.set(client).and(0xffff);
        sum.add(value);
        value.set(client).shiftRight(16);
        sum.add(value);
        Checksums.fold(sum, value);
        sum.xor(0xffff).or(0x4006 << 16).toNetwork(32);
        // TTL and protocol are before the checksum
        ip.store(Field.be32("ttl", 8), sum);
        code.note("in one store, which loads of either width can be served from");
        client.shiftLeft(reply ? 0 : 32);
        value.set(Integer.toUnsignedLong(other)).shiftLeft(reply ? 32 : 0);
        ip.store(Field.be64("addresses", 12), client.or(value).toNetwork(64));
        Place tcp = ip.plus("tcp", Ipv4.BYTES);
        tcp.store(Field.be32("ports", 0), reply ? 8080 << 16 | 1000 : 1000 << 16 | 80);
        tcp.store(Field.be32("offset and flags", 12), 0x50101000);
        code.jump(ready);
        code.block(bad, () -> code.exit(Xdp.ABORTED));
        code.block(ready, () -> code.context().set(packet.context()));
    }

    /** What any director must read, and with {@code ipip} the cheapest header there is. */
    private static void parse(Code code, boolean ipip) {
        Label no = code.label("no");
        Packet packet = Packet.open(code, R6, R7, R8);
        Var value = code.var("value", R2);
        Place ip = packet.data().plus("ip", Ethernet.BYTES);
        packet.require(packet.data(), Ethernet.BYTES + 40, value, no);
        code.when(value.load(packet.data(), Ethernet.TYPE).ne(Ethernet.IPV4), no);
        code.when(value.load(ip, Ipv4.VERSION).ne(0x45), no);
        code.when(value.load(ip, Ipv4.FRAGMENT).has(0x3fff), no);
        code.when(value.load(ip, Ipv4.PROTOCOL).ne(Protocol.TCP), no);
        Var sink = code.var("sink", R3);
        sink.load(ip, Field.u64("addresses", 12));
        sink.xor(value.load(ip, Field.u32("ports", 20)));
        sink.xor(value.load(ip, Field.u8("flags", 33)));
        sink.xor(value.load(ip, Field.u16("length", 2)));
        Var at = code.var("at", R4).address(org.jvs.datapath.program.Maps.CLOCK, 0);
        at.store(Field.u64("sink", 8), sink);
        if (ipip) {
            encapsulate(code, packet, value, no);
        }
        code.exit(Xdp.TX);
        code.block(no, () -> code.exit(Xdp.ABORTED));
    }

    private static void encapsulate(Code code, Packet packet, Var value, Label no) {
        code.when(code.kernel().adjustHead(packet.context(), -Ipv4.BYTES).ne(0), no);
        packet.reload();
        packet.require(packet.data(), Ethernet.BYTES + 40, value, no);
        Place outer = packet.data().plus("outer", Ethernet.BYTES);
        packet.data().store(WORD, 2);
        packet.data().store(WORD.plus(4), 0x00020200);
        packet.data().store(WORD.plus(8), 0x01000000);
        packet.data().store(Ethernet.TYPE, Ethernet.IPV4);
        Var sum = code.var("sum", R0);
        Var word = code.var("word", R1);
        word.load(outer, Ipv4.TOTAL_LENGTH.plus(Ipv4.BYTES)).toHost().add(Ipv4.BYTES);
        word.toNetwork(16).raw().shiftLeft(16).or(0x45);
        sum.set(word);
        outer.store(WORD, word);
        outer.store(WORD.plus(4), 0);
        word.set(0x0440);
        sum.add(word);
        value.set(Integer.toUnsignedLong(Integer.reverseBytes(SERVER)));
        sum.add(value);
        outer.store(WORD.plus(16), value);
        value.set(Integer.toUnsignedLong(Integer.reverseBytes(VIP)));
        sum.add(value);
        outer.store(WORD.plus(12), value);
        Checksums.fold(sum, value);
        word.or(sum.xor(0xffff).shiftLeft(16));
        outer.store(WORD.plus(8), word);
    }

    private void measure() {
        MemorySegment frame = arena.allocate(LENGTH, 8);
        MemorySegment output = arena.allocate(256, 8);
        here.call(() -> {
            CpuAffinity.pin(BpfMap.possibleCpus() - 1);
            for (int round = -1; round < rounds; round++) {
                for (Case one : cases) {
                    frame.fill((byte) 0);
                    frame.set(JAVA_BYTE, 0, (byte) 2);
                    check(one, one.program.testRun(frame, output, REPEAT, index, 0).result());
                    // the kernel's own time: around the call it would be that of installing the
                    // program, too, which takes milliseconds
                    int each = one.program.testRun(frame, output, REPEAT, index, 0).durationNs();
                    if (round >= 0) {
                        one.rounds[round] = each;
                    }
                }
            }
            return 0;
        });
        cases.forEach(one -> {
            one.program.close();
            one.tables.close();
        });
        lab.close();
        arena.close();
    }

    private static void check(Case one, int action) {
        int expected = one.name.equals("other") ? Xdp.DROP : Xdp.TX;
        if (action != expected) {
            throw new IllegalStateException(
                    one.name + " returned " + action + " instead of " + expected);
        }
    }

    private double ratio(Case one) {
        double floor =
                cases.stream()
                        .filter(other -> other.name.equals(one.floor))
                        .findFirst()
                        .orElseThrow()
                        .min();
        return one.min() / floor;
    }

    private String table() {
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT, "%-16s %9s %9s %7s%n", "", "min ns", "median ns", "ratio"));
        for (Case one : cases) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-16s %9.1f %9.1f %7.2f  to %s%n",
                            one.name,
                            one.min(),
                            one.median(),
                            ratio(one),
                            one.floor));
        }
        return text.toString();
    }

    private String json() {
        List<String> entries = new ArrayList<>();
        for (Case one : cases) {
            entries.add(
                    String.format(
                            Locale.ROOT,
                            "  \"%s\": {\"min_ns\": %.2f, \"median_ns\": %.2f, \"ratio\": %.3f}",
                            one.name,
                            one.min(),
                            one.median(),
                            ratio(one)));
        }
        return "{\n" + String.join(",\n", entries) + "\n}\n";
    }
}
