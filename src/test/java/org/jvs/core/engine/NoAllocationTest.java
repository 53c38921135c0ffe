package org.jvs.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.jvs.conformance.host.PacketBuilder;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Protocol;
import org.jvs.core.wire.Ip;
import org.jvs.core.wire.Packet;
import org.jvs.testing.Rig;

/** No packet, whatever becomes of it, leaves garbage behind. */
class NoAllocationTest {
    private static final int ROUNDS = 4_000;

    @ParameterizedTest
    @ValueSource(strings = {"rr", "wrr", "wlc", "sed", "nq", "sh", "mh", "lblc", "twos"})
    void packetsAllocateNothing(String scheduler) {
        try (Arena arena = Arena.ofConfined()) {
            Rig rig = new Rig(arena, 4096);
            List<byte[]> bytes = new ArrayList<>();
            configure(rig, scheduler, bytes, Rig.VIP, "10.1.0.", "11.0.0.9");
            configure(rig, scheduler, bytes, Rig.VIP6, "fd00:1::", "fd01::9");
            List<MemorySegment> packets = new ArrayList<>();
            for (byte[] each : bytes) {
                MemorySegment memory = arena.allocate(each.length);
                MemorySegment.copy(each, 0, memory, ValueLayout.JAVA_BYTE, 0, each.length);
                packets.add(memory);
            }
            MemorySegment memory = arena.allocate(4096);
            // the first run compiles and initialises
            run(rig, packets, memory, 1);
            run(rig, packets, memory, 2);
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            run(rig, packets, memory, 3);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            // what compilers and the bean itself leave is far below a byte per packet
            assertThat(allocated).isLessThan((long) ROUNDS * packets.size() / 20);
            assertThat(rig.engine.count(Verdict.FORWARD)).isGreaterThan(ROUNDS);
            assertThat(rig.engine.count(Verdict.REPLY)).isGreaterThan(ROUNDS);
            assertThat(rig.engine.count(Verdict.DROP)).isGreaterThan(ROUNDS);
            assertThat(rig.engine.count(Verdict.PASS)).isGreaterThan(ROUNDS);
        }
    }

    /** Hands all packets in, again and again, from another client each round. */
    private static void run(Rig rig, List<MemorySegment> packets, MemorySegment memory, int salt) {
        Packet packet = new Packet();
        for (int round = 0; round < ROUNDS; round++) {
            long now = rig.now++;
            for (int i = 0; i < packets.size(); i++) {
                MemorySegment bytes = packets.get(i);
                MemorySegment.copy(bytes, 0, memory, 128, bytes.byteSize());
                boolean ipv6 = memory.get(ValueLayout.JAVA_BYTE, 128) >>> 4 == 6;
                // source port: new clients
                memory.set(
                        ValueLayout.JAVA_BYTE,
                        128 + (ipv6 ? Ip.V6_HEADER : Ip.V4_HEADER) + 1,
                        (byte) (round * 7 + salt));
                packet.wrap(memory, 128, (int) bytes.byteSize(), Packet.HEADROOM, 2048);
                rig.engine.process(packet, now);
            }
        }
    }

    private static void configure(
            Rig rig,
            String scheduler,
            List<byte[]> packets,
            String vip,
            String net,
            String client) {
        int port = 80;
        for (ForwardingMethod method :
                List.of(ForwardingMethod.NAT, ForwardingMethod.DIRECT, ForwardingMethod.TUNNEL)) {
            ServiceKey tcp = rig.add(Protocol.TCP, vip, port, scheduler);
            ServiceKey udp =
                    rig.add(
                            Rig.service(Protocol.UDP, vip, port),
                            scheduler,
                            ServiceSpec.PERSISTENT,
                            60);
            for (int i = 1; i <= 5; i++) {
                rig.add(tcp, net + i, 8080, method);
                rig.add(udp, net + i, 8080, method);
            }
            PacketBuilder builder = PacketBuilder.from(client, 1234).to(vip, port).payload(32);
            packets.add(builder.tcp(Ip.SYN).bytes());
            packets.add(builder.tcp(Ip.ACK).bytes());
            packets.add(builder.tcp(Ip.FIN | Ip.ACK).bytes());
            packets.add(builder.udp().bytes());
            packets.add(builder.ttl(1).bytes());
            byte[] request = PacketBuilder.from(client, 1234).to(vip, port).tcp(Ip.ACK).bytes();
            int unreachable = vip.indexOf(':') < 0 ? Ip.ICMP_UNREACHABLE : Ip.ICMPV6_UNREACHABLE;
            packets.add(
                    PacketBuilder.from(client, 0)
                            .to(vip, 0)
                            .icmp(unreachable, 1, 0, request)
                            .bytes());
            port++;
        }
        // no destination: refused
        rig.add(Protocol.TCP, vip, 99, scheduler);
        packets.add(PacketBuilder.from(client, 1234).to(vip, 99).tcp(Ip.SYN).bytes());
        packets.add(PacketBuilder.from(client, 1234).to(vip, 98).tcp(Ip.SYN).bytes());
        for (int i = 1; i <= 5; i++) {
            packets.add(
                    PacketBuilder.from(net + i, 8080)
                            .to(client, 1234)
                            .tcp(Ip.SYN | Ip.ACK)
                            .bytes());
        }
        // a fragment to the VIP is dropped
        packets.add(
                PacketBuilder.from(client, 1234).to(vip, 80).fragmentField(0x2000).udp().bytes());
        byte[] cut = PacketBuilder.from(client, 1234).to(vip, 80).tcp(Ip.SYN).bytes();
        packets.add(java.util.Arrays.copyOf(cut, cut.length - 5));
    }
}
