package org.jvs.datapath.program;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jvs.conformance.host.PacketBuilder;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.engine.DirectorOptions;
import org.jvs.core.engine.Verdict;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Counters;
import org.jvs.core.table.Destinations;
import org.jvs.core.table.Found;
import org.jvs.core.wire.Ip;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Program;
import org.jvs.ebpf.Xdp;
import org.jvs.lab.Lab;
import org.jvs.lab.LabHost;
import org.jvs.linux.BpfMap;
import org.jvs.linux.BpfProgram;
import org.jvs.linux.MacAddress;
import org.jvs.testing.Rig;

/// The Java engine and the program before the same packet and the same tables. The engine goes
/// first; then the tables are put back and the program is run by the kernel. Either it forwards:
/// then bytes, next hop, connection entries, destinations and counters have to be what the engine
/// made of them. Or it leaves the packet alone: then nothing may have changed.
final class Duel implements AutoCloseable {
    static final MacAddress OWN = MacAddress.parse("02:00:00:00:00:01");
    static final MacAddress GATEWAY = MacAddress.parse("02:00:00:00:00:99");
    private static final int SLOTS = 64;
    private static final int DESTINATIONS = 64;
    private static final int SERVICES = 32;
    private static final long SEED = 0x5eed;
    private static final int ETHERNET = 14;

    final SharedTables tables;
    final Rig rig;
    final Map<String, Integer> outcomes = new TreeMap<>();
    boolean pathMtuDiscovery = true;

    private final Lab lab = Lab.create();
    private final LabHost here = lab.host("here");
    private final int eth0;
    private final int eth1;
    private final MacAddress eth0Mac;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment output = arena.allocate(8192, 8);
    private final BpfProgram program;
    private final BpfProgram withoutDiscovery;

    /// What became of the last packet.
    Verdict verdict = Verdict.PASS;

    int action;

    Duel() {
        Layout layout =
                new Layout(
                        SLOTS,
                        SEED,
                        SEED * 31 + 1,
                        DESTINATIONS,
                        DESTINATIONS + SERVICES + 2,
                        BpfMap.possibleCpus());
        tables = new SharedTables(layout);
        rig =
                new Rig(
                        tables,
                        new DirectorOptions(SLOTS, DESTINATIONS, SERVICES, SEED, 0)
                                .withLanes(tables.layout.cpus() + 1));
        program = tables.load(program(Shape.ALL));
        withoutDiscovery =
                tables.load(
                        program(
                                new Shape(
                                        true, true, true, true, true, true, true, true, true,
                                        false)));
        lab.wire(here, "eth0", lab.host("clients"), "eth0", true);
        lab.wire(here, "eth1", lab.host("servers"), "eth0", true);
        eth0 = here.link("eth0").index();
        eth1 = here.link("eth1").index();
        eth0Mac = java.util.Objects.requireNonNull(here.link("eth0").mac());
        here.address("eth0", "192.0.2.1/24");
        here.address("eth0", "2001:db8:ffff::1/64");
        here.netlink().neighbours().setPermanent(eth0, Address.parse("192.0.2.254"), GATEWAY);
        here.netlink().neighbours().setPermanent(eth0, Address.parse("2001:db8:ffff::2"), GATEWAY);
        here.route("0.0.0.0/0", "192.0.2.254");
        here.route("::/0", "2001:db8:ffff::2");
        here.forward();
        settle();
    }

    /// A program that passes what it does not forward.
    Program program(Shape shape) {
        return FlowProgram.of("jvs_flow", shape, tables.layout, OWN, true, Duel::pass);
    }

    static void pass(Code code) {
        code.exit(Xdp.PASS);
    }

    /// Writes what depends on the director's configuration and settings.
    void settle() {
        Transitions.write(
                tables.transitions,
                rig.director.timeouts(),
                Integer.parseInt(rig.director.settings().getOrDefault("secure_tcp", "0")) > 1);
        for (ServiceListing service : rig.director.services()) {
            AddressMarks.addVirtual(tables.addresses, service.spec().key().address());
            service.destinations()
                    .forEach(destination ->
                            AddressMarks.addRealserver(
                                    tables.addresses, destination.spec().address()));
        }
        hops();
    }

    private void hops() {
        Destinations destinations = rig.director.destinations();
        for (int line = 0; line < DESTINATIONS; line++) {
            boolean ipv6 = destinations.isIpv6(line);
            long hi = destinations.addressHi(line);
            long lo = destinations.addressLo(line);
            if ((hi | lo) == 0 || rig.host.mtu(ipv6, hi, lo) == 0) {
                tables.hops.clear(line);
                continue;
            }
            org.jvs.core.engine.Host.Source source = new org.jvs.core.engine.Host.Source();
            rig.host.source(ipv6, hi, lo, source);
            tables.hops.set(
                    line,
                    line % 4 == 3 ? eth0 : eth1,
                    new MacAddress(0x0200_0000_1000L + line),
                    new MacAddress(0x0200_0000_2000L + line),
                    rig.host.mtu(ipv6, hi, lo),
                    source.hi,
                    source.lo);
        }
    }

    private byte[] memory() {
        byte[] all = new byte[0];
        for (var name : new org.jvs.ebpf.MapRef[] {Maps.DESTINATIONS, Maps.IPV4, Maps.IPV6}) {
            byte[] part = tables.table(name).toArray(JAVA_BYTE);
            int at = all.length;
            all = Arrays.copyOf(all, at + part.length);
            System.arraycopy(part, 0, all, at, part.length);
        }
        return all;
    }

    private void restore(byte[] all) {
        int at = 0;
        for (var name : new org.jvs.ebpf.MapRef[] {Maps.DESTINATIONS, Maps.IPV4, Maps.IPV6}) {
            MemorySegment table = tables.table(name);
            MemorySegment.copy(all, at, table, JAVA_BYTE, 0, (int) table.byteSize());
            at += (int) table.byteSize();
        }
    }

    /// The counters' lines, summed over all lanes.
    private long[] counters() {
        MemorySegment memory = tables.table(Maps.COUNTERS);
        int lane = tables.layout.laneBytes();
        long[] sums = new long[lane / 8];
        for (int at = 0; at < memory.byteSize(); at += 8) {
            sums[at % lane / 8] += memory.get(JAVA_LONG, at);
        }
        return sums;
    }

    /// Hands a packet (from its IP header on) to both.
    ///
    /// @return whether the program forwarded it
    boolean fight(byte[] packet) {
        return here.call(() -> duel(packet));
    }

    private boolean duel(byte[] packet) {
        Clock.write(tables.clock, 0, rig.now);
        byte[] before = memory();
        byte[] countersBefore = tables.table(Maps.COUNTERS).toArray(JAVA_BYTE);
        verdict = rig.process(packet);
        byte[] expected = rig.packet.toBytes();
        byte[] afterJava = memory();
        long[] countedByJava = counters();
        byte[] countersAfter = tables.table(Maps.COUNTERS).toArray(JAVA_BYTE);
        restore(before);
        MemorySegment.copy(
                countersBefore,
                0,
                tables.table(Maps.COUNTERS),
                JAVA_BYTE,
                0,
                countersBefore.length);
        byte[] frame = frame(packet);
        BpfProgram.TestRun run = run(frame);
        action = run.result();
        byte[] out = output.asSlice(0, run.outputBytes()).toArray(JAVA_BYTE);
        try {
            if (action == Xdp.PASS) {
                assertThat(out).as("a packet left alone").isEqualTo(frame);
                assertSame("tables of a packet left alone", memory(), before);
                assertThat(tables.table(Maps.COUNTERS).toArray(JAVA_BYTE))
                        .as("counters of a packet left alone")
                        .isEqualTo(countersBefore);
            } else {
                assertThat(verdict).as("the engine's verdict").isEqualTo(Verdict.FORWARD);
                assertThat(counters()).as("counters").isEqualTo(countedByJava);
                assertSame("tables", memory(), afterJava);
                boolean tunnel = expected.length > ipLength(packet);
                checkBytes(packet, frame, out, expected, tunnel);
            }
        } catch (AssertionError e) {
            throw new AssertionError(
                    e.getMessage()
                            + "\npacket "
                            + HexFormat.of().formatHex(packet)
                            + "\nengine "
                            + verdict
                            + " "
                            + rig.packet.reason
                            + "\nengine's  "
                            + HexFormat.of().formatHex(expected)
                            + "\nprogram's "
                            + HexFormat.of().formatHex(out, Math.min(14, out.length), out.length)
                            + " action "
                            + action,
                    e);
        } finally {
            restore(afterJava);
            MemorySegment.copy(
                    countersAfter,
                    0,
                    tables.table(Maps.COUNTERS),
                    JAVA_BYTE,
                    0,
                    countersAfter.length);
        }
        return action != Xdp.PASS;
    }

    private void assertSame(String what, byte[] actual, byte[] expected) {
        int at = Arrays.mismatch(actual, expected);
        if (at < 0) {
            return;
        }
        int start = at & ~31;
        throw new AssertionError(
                what
                        + " differ at "
                        + at
                        + " (destinations "
                        + tables.table(Maps.DESTINATIONS).byteSize()
                        + ", IPv4 "
                        + tables.table(Maps.IPV4).byteSize()
                        + "): "
                        + HexFormat.of().formatHex(actual, start, start + 64)
                        + " instead of "
                        + HexFormat.of().formatHex(expected, start, start + 64));
    }

    /// Has the program alone forward a packet again and again; the frame is not put back, so that
    /// its TTL has to last.
    int repeat(byte[] packet, int times) {
        return here.call(() -> run(frame(packet), times).result());
    }

    private BpfProgram.TestRun run(byte[] frame) {
        return run(frame, 1);
    }

    private BpfProgram.TestRun run(byte[] frame, int times) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment in = scratch.allocate(frame.length, 8);
            MemorySegment.copy(frame, 0, in, JAVA_BYTE, 0, frame.length);
            return (pathMtuDiscovery ? program : withoutDiscovery)
                    .testRun(in, output, times, eth0, 0);
        }
    }

    private static byte[] frame(byte[] packet) {
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET + packet.length);
        frame.put(OWN.toBytes()).put(MacAddress.parse("02:00:00:00:00:77").toBytes());
        boolean ipv6 = packet.length > 0 && packet[0] >>> 4 == 6;
        frame.putShort((short) (ipv6 ? 0x86dd : 0x0800)).put(packet);
        return frame.array();
    }

    private static int ipLength(byte[] packet) {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        return packet[0] >>> 4 == 6
                ? 40 + (bytes.getShort(4) & 0xffff)
                : bytes.getShort(2) & 0xffff;
    }

    private void checkBytes(
            byte[] packet, byte[] frame, byte[] out, byte[] expected, boolean tunnel) {
        int added = expected.length - ipLength(packet);
        assertThat(out.length).as("length").isEqualTo(frame.length + added);
        byte[] ip = Arrays.copyOfRange(out, ETHERNET, ETHERNET + expected.length);
        ByteBuffer outer = ByteBuffer.wrap(ip);
        boolean outerIpv6 = expected[0] >>> 4 == 6;
        if (tunnel && !outerIpv6 && (outer.getShort(Ip.V4_FRAGMENT) & Ip.DONT_FRAGMENT) == 0) {
            // each has numbers of its own
            assertThat(PacketBuilder.fold(PacketBuilder.sum(outer, 0, 20)))
                    .as("outer checksum")
                    .isEqualTo(0xffff);
            for (int at : new int[] {Ip.V4_ID, Ip.V4_CHECKSUM}) {
                outer.putShort(at, ByteBuffer.wrap(expected).getShort(at));
            }
        }
        assertThat(HexFormat.of().formatHex(ip)).isEqualTo(HexFormat.of().formatHex(expected));
        assertThat(ByteBuffer.wrap(out).getShort(12) & 0xffff)
                .as("Ethernet type")
                .isEqualTo(outerIpv6 ? 0x86dd : 0x0800);
        int line = line(packet);
        MacAddress to = line < 0 ? GATEWAY : tables.hops.to(line);
        MacAddress from = line < 0 ? eth0Mac : tables.hops.from(line);
        int way = line < 0 ? eth0 : tables.hops.interfaceIndex(line);
        assertThat(MacAddress.ofBytes(Arrays.copyOf(out, 6))).as("to").isEqualTo(to);
        assertThat(MacAddress.ofBytes(Arrays.copyOfRange(out, 6, 12))).as("from").isEqualTo(from);
        assertThat(action).as("action").isEqualTo(way == eth0 ? Xdp.TX : Xdp.REDIRECT);
        String method =
                line < 0
                        ? "reply"
                        : "method "
                                + rig.director.destinations().method(line)
                                + (tunnel && outerIpv6 ? " over IPv6" : "");
        boolean ipv6 = packet[0] >>> 4 == 6;
        int protocol = packet[ipv6 ? Ip.V6_NEXT_HEADER : Ip.V4_PROTOCOL];
        outcomes.merge(
                method + (ipv6 ? " v6 " : " v4 ") + Protocol.name(protocol), 1, Integer::sum);
    }

    /// The destination of a request's connection; -1 for a reply.
    private int line(byte[] packet) {
        boolean ipv6 = packet[0] >>> 4 == 6;
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        int l4 = ipv6 ? 40 : 20;
        Address source = address(packet, ipv6 ? Ip.V6_SOURCE : Ip.V4_SOURCE, ipv6);
        Address destination = address(packet, ipv6 ? Ip.V6_DESTINATION : Ip.V4_DESTINATION, ipv6);
        ConnectionTable table = rig.director.connections(ipv6 ? Family.IPV6 : Family.IPV4);
        int slot =
                table.find(
                        source.hi(),
                        source.lo(),
                        bytes.getShort(l4) & 0xffff,
                        destination.hi(),
                        destination.lo(),
                        bytes.getShort(l4 + 2) & 0xffff,
                        packet[ipv6 ? Ip.V6_NEXT_HEADER : Ip.V4_PROTOCOL],
                        ConnectionTable.CONNECTION,
                        (int) rig.now,
                        new Found());
        return slot < 0 ? -1 : org.jvs.core.table.Control.destination(table.control(slot));
    }

    private static Address address(byte[] packet, int at, boolean ipv6) {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        return ipv6
                ? new Address(Family.IPV6, bytes.getLong(at), bytes.getLong(at + 8))
                : Address.ipv4(bytes.getInt(at));
    }

    /// Counters that a test asks about.
    long counted(int line, int value) {
        return counters()[line * (Counters.LINE_BYTES / 8) + value];
    }

    @Override
    public void close() {
        program.close();
        withoutDiscovery.close();
        lab.close();
        tables.close();
        arena.close();
    }
}
