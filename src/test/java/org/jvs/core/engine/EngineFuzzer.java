package org.jvs.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.jvs.conformance.host.PacketBuilder;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Control;
import org.jvs.core.wire.Ip;
import org.jvs.core.wire.Packet;
import org.jvs.core.wire.Reason;
import org.jvs.testing.Mutations;
import org.jvs.testing.Rig;

/**
 * Hands mangled packets to an engine and checks after each what must hold for any packet at all.
 * Everything follows from the seed.
 */
final class EngineFuzzer {
    private static final int SLOTS = 256;

    private final SplittableRandom random;
    private final Rig rig;
    private final Mutations mutations;
    private final List<ServiceKey> services = new ArrayList<>();
    private final Packet judge = new Packet();
    private final int[] verdicts = new int[Verdict.values().length];

    EngineFuzzer(Arena arena, long seed, List<byte[]> recorded) {
        random = new SplittableRandom(seed);
        rig = new Rig(arena, SLOTS);
        configure();
        List<byte[]> corpus = new ArrayList<>(recorded);
        // as many again that are about our own services
        for (int i = 0; i < Math.max(recorded.size(), 200); i++) {
            corpus.add(relevant());
        }
        mutations = new Mutations(random, corpus);
    }

    private void configure() {
        ForwardingMethod[] methods = {
            ForwardingMethod.NAT, ForwardingMethod.DIRECT, ForwardingMethod.TUNNEL
        };
        int port = 80;
        for (int protocol : new int[] {Protocol.TCP, Protocol.UDP}) {
            for (ForwardingMethod method : methods) {
                for (String vip : new String[] {Rig.VIP, Rig.VIP6}) {
                    ServiceKey key = Rig.service(protocol, vip, port);
                    boolean persistent = port % 2 == 1;
                    rig.add(key, "rr", persistent ? ServiceSpec.PERSISTENT : 0, persistent ? 5 : 0);
                    services.add(key);
                    boolean ipv6 = vip.equals(Rig.VIP6);
                    for (int i = 1; i <= 3; i++) {
                        rig.add(key, (ipv6 ? "fd00:1::" : "10.1.0.") + i, 8080, method);
                    }
                    if (method == ForwardingMethod.TUNNEL) {
                        // through a tunnel of the other family
                        rig.add(key, (ipv6 ? "10.2.0." : "fd00:2::") + "1", 8080, method);
                    }
                }
                port++;
            }
        }
        // VIP and networks of the recordings
        for (String vip : new String[] {"10.1.0.100", "fd00:10:1::100"}) {
            rig.host.addLocal(vip);
            for (int protocol : new int[] {Protocol.TCP, Protocol.UDP}) {
                ServiceKey key = rig.add(protocol, vip, 80, "wlc");
                services.add(key);
                rig.add(
                        key,
                        vip.indexOf(':') < 0 ? "10.2.0.21" : "fd00:10:2::21",
                        80,
                        ForwardingMethod.NAT);
            }
        }
    }

    private byte[] relevant() {
        ServiceKey key = services.get(random.nextInt(services.size()));
        boolean ipv6 = key.family() == Family.IPV6;
        String client = (ipv6 ? "fd01::" : "11.0.0.") + (1 + random.nextInt(6));
        int clientPort = 1000 + random.nextInt(4);
        PacketBuilder builder;
        if (random.nextInt(3) == 0) {
            String server = (ipv6 ? "fd00:1::" : "10.1.0.") + (1 + random.nextInt(3));
            builder = PacketBuilder.from(server, 8080).to(client, clientPort);
        } else {
            builder = PacketBuilder.from(client, clientPort).to(key.address(), key.port());
        }
        builder.payload(random.nextInt(60)).ttl(1 + random.nextInt(64));
        if (random.nextInt(8) == 0) {
            builder.payload(1300 + random.nextInt(300));
        }
        if (random.nextBoolean()) {
            builder.dontFragment();
        }
        if (!ipv6 && random.nextInt(8) == 0) {
            builder.options(4 * (1 + random.nextInt(10)));
        }
        if (key.protocol() == Protocol.UDP) {
            return (random.nextInt(4) == 0 ? builder.udpWithoutChecksum() : builder.udp()).bytes();
        }
        int[] flags = {Ip.SYN, Ip.SYN, Ip.ACK, Ip.SYN | Ip.ACK, Ip.FIN | Ip.ACK, Ip.RST, 0, 0xff};
        return builder.tcp(flags[random.nextInt(flags.length)]).bytes();
    }

    /** How often each verdict was given so far. */
    int count(Verdict verdict) {
        return verdicts[verdict.number()];
    }

    /** Makes up one packet, hands it in, checks everything. */
    void step(int index) {
        if (index % 512 == 511) {
            shake();
        }
        if (index % 64 == 0) {
            rig.advance(random.nextInt(2000));
        }
        byte[] bytes = mutations.next();
        try {
            check(bytes);
        } catch (Throwable t) {
            throw new AssertionError("packet " + index + ": " + HexFormat.of().formatHex(bytes), t);
        }
        if (index % 16 == 0) {
            EngineProbe.checkCounts(rig.director);
        }
    }

    /** Changes settings and destinations under the traffic. */
    private void shake() {
        String[] switches = {
            "sloppy_tcp",
            "schedule_icmp",
            "nat_icmp_send",
            "expire_nodest_conn",
            "pmtu_disc",
            "expire_quiescent_template"
        };
        rig.set(switches[random.nextInt(switches.length)], random.nextInt(2));
        rig.set("conn_reuse_mode", random.nextInt(4));
        rig.host.setMtu(random.nextInt(4) == 0 ? 0 : 1280 + random.nextInt(3) * 110);
        ServiceKey key = services.get(random.nextInt(services.size() - 4));
        boolean ipv6 = key.family() == Family.IPV6;
        var destination =
                Rig.destination(
                        (ipv6 ? "fd00:1::" : "10.1.0.") + 1,
                        8080,
                        ForwardingMethod.NAT,
                        random.nextInt(3));
        // may fail, as the one or the other is already done
        rig.outcome(
                random.nextBoolean()
                        ? new Command.AddDestination(key, destination)
                        : new Command.DeleteDestination(key, destination));
    }

    private void check(byte[] bytes) {
        long connections = rig.connections();
        long[] reasons = reasons();
        long handled = handled();
        Verdict verdict = rig.process(bytes);
        verdicts[verdict.number()]++;
        Packet packet = rig.packet;

        assertThat(handled()).isEqualTo(handled + 1);
        long[] after = reasons();
        for (Reason reason : Reason.values()) {
            int expected = reason == packet.reason && reason != Reason.NONE ? 1 : 0;
            assertThat(after[reason.number()] - reasons[reason.number()])
                    .as("count of %s", reason)
                    .isEqualTo(expected);
        }
        if (verdict == Verdict.DROP) {
            assertThat(packet.reason).as("a drop has a reason").isNotEqualTo(Reason.NONE);
        }
        if (verdict == Verdict.PASS) {
            assertThat(packet.toBytes())
                    .as("passed unchanged")
                    .isEqualTo(java.util.Arrays.copyOf(bytes, packet.length()));
        }
        if (rig.connections() > connections) {
            checkEarned(bytes, (int) (rig.connections() - connections));
        }
        if (verdict == Verdict.FORWARD || verdict == Verdict.REPLY || verdict == Verdict.LOCAL) {
            checkOutput(packet, verdict);
        }
    }

    private long handled() {
        long sum = 0;
        for (Verdict verdict : Verdict.values()) {
            sum += rig.engine.count(verdict);
        }
        return sum;
    }

    private long[] reasons() {
        long[] counts = new long[Reason.values().length];
        for (Reason reason : Reason.values()) {
            counts[reason.number()] = rig.engine.count(reason);
        }
        return counts;
    }

    /** A new entry comes from a whole packet that opens a connection to a service. */
    private void checkEarned(byte[] bytes, int made) {
        assertThat(made).as("a connection and its template at most").isLessThanOrEqualTo(2);
        judge.wrap(
                java.lang.foreign.MemorySegment.ofArray(bytes), 0, bytes.length, 0, bytes.length);
        assertThat(judge.parse()).isEqualTo(Reason.NONE);
        boolean icmp = judge.protocol() == Protocol.ICMP || judge.protocol() == Protocol.ICMPV6;
        if (icmp) {
            assertThat(rig.director.settings.scheduleIcmp()).isTrue();
            return;
        }
        boolean opens =
                judge.protocol() == Protocol.UDP
                        || judge.protocol() == Protocol.TCP
                                && (judge.tcpFlags() & Ip.RST) == 0
                                && ((judge.tcpFlags() & Ip.SYN) != 0
                                        || rig.director.settings.sloppyTcp());
        assertThat(opens).as("the packet opens a connection").isTrue();
        assertThat(
                        rig.director.configuration.services.find(
                                judge.isIpv6(),
                                0,
                                judge.protocol(),
                                judge.destinationHi(),
                                judge.destinationLo(),
                                judge.destinationPort()))
                .as("the service asked for")
                .isNotNull();
    }

    /** What leaves is a well-formed packet of its whole length. */
    private void checkOutput(Packet packet, Verdict verdict) {
        byte[] out = packet.toBytes();
        judge.wrap(java.lang.foreign.MemorySegment.ofArray(out), 0, out.length, 0, out.length);
        assertThat(judge.parse()).as("%s parses", verdict).isEqualTo(Reason.NONE);
        assertThat(judge.length()).isEqualTo(out.length);
        if (!judge.isIpv6()) {
            int header = (out[0] & 15) * 4;
            assertThat(PacketBuilder.fold(PacketBuilder.sum(ByteBuffer.wrap(out), 0, header)))
                    .isEqualTo(0xffff);
        }
        if (verdict != Verdict.LOCAL) {
            assertThat(packet.nextHopHi | packet.nextHopLo).as("a next hop").isNotZero();
        }
    }

    /** Compares destinations' counts with the tables. */
    static final class EngineProbe {
        private EngineProbe() {}

        static void checkCounts(Director director) {
            int lines = director.destinations.capacity();
            int[] active = new int[lines];
            int[] inactive = new int[lines];
            int[] templates = new int[lines];
            for (ConnectionTable table : List.of(director.ipv4, director.ipv6)) {
                for (int slot = 0; slot < table.slots(); slot++) {
                    long word = table.control(slot);
                    if (Control.phase(word) == Control.FREE) {
                        continue;
                    }
                    int line = Control.destination(word);
                    if (Control.has(word, Control.TEMPLATE)) {
                        templates[line]++;
                    } else if (Control.has(word, Control.INACTIVE)) {
                        inactive[line]++;
                    } else {
                        active[line]++;
                    }
                }
            }
            for (int line = 0; line < lines; line++) {
                if (director.destinations.active(line) != active[line]
                        || director.destinations.inactive(line) != inactive[line]
                        || director.destinations.templates(line) != templates[line]) {
                    throw new AssertionError("counts of destination " + line + " drifted");
                }
            }
        }
    }
}
