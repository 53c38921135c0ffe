package org.jvs.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.jvs.conformance.host.PacketBuilder;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;
import org.jvs.testing.Frame;

/** What is written into packets, against packets built anew and checksums summed up plainly. */
class RewriteTest {
    private final SplittableRandom random = new SplittableRandom(11);
    private final Packet packet = new Packet();

    private Address address(boolean ipv6) {
        return ipv6
                ? Address.ipv6(random.nextLong(), random.nextLong())
                : Address.ipv4(random.nextInt());
    }

    private int port() {
        return random.nextInt(65_536);
    }

    /** Whatever it was, the sum is what a sender of the new packet would have written. */
    @Test
    void translatedPacketsAreAsIfSentSo() {
        try (Arena arena = Arena.ofConfined()) {
            Frame frame = new Frame(arena, 2048);
            for (int i = 0; i < 20_000; i++) {
                boolean ipv6 = i % 2 == 0;
                boolean tcp = i % 3 == 0;
                Address from = address(ipv6);
                Address to = address(ipv6);
                Address other = address(ipv6);
                int[] ports = {port(), port(), port()};
                int size = random.nextInt(70);
                int ttl = 2 + random.nextInt(250);
                byte[] before = built(from, ports[0], to, ports[1], tcp, size, ttl);
                frame.load(before, packet);
                assertThat(packet.parse()).isEqualTo(Reason.NONE);
                boolean source = random.nextBoolean();
                Rewrite.decrementTtl(packet);
                if (source) {
                    Rewrite.source(packet, other.hi(), other.lo(), ports[2]);
                } else {
                    Rewrite.destination(packet, other.hi(), other.lo(), ports[2]);
                }
                byte[] expected =
                        source
                                ? built(other, ports[2], to, ports[1], tcp, size, ttl - 1)
                                : built(from, ports[0], other, ports[2], tcp, size, ttl - 1);
                assertThat(packet.toBytes()).isEqualTo(expected);
                frame.checkGuards();
            }
        }
    }

    private static byte[] built(
            Address from, int fromPort, Address to, int toPort, boolean tcp, int size, int ttl) {
        PacketBuilder builder = PacketBuilder.from(from, fromPort).to(to, toPort).payload(size);
        return (tcp ? builder.tcp(Ip.ACK) : builder.udp()).ttl(ttl).bytes();
    }

    /** A wrong checksum must not come out right: the receiver shall notice. */
    @Test
    void wrongChecksumsStayAsWrong() {
        try (Arena arena = Arena.ofConfined()) {
            Frame frame = new Frame(arena, 2048);
            for (int i = 0; i < 2_000; i++) {
                boolean ipv6 = i % 2 == 0;
                int error = 1 + random.nextInt(65_533);
                byte[] bytes =
                        PacketBuilder.from(address(ipv6), port())
                                .to(address(ipv6), port())
                                .payload(random.nextInt(40))
                                .tcp(Ip.ACK)
                                .checksumError(error)
                                .bytes();
                int wrong = residue(bytes, ipv6);
                frame.load(bytes, packet);
                packet.parse();
                Address other = address(ipv6);
                Rewrite.destination(packet, other.hi(), other.lo(), port());
                assertThat(residue(packet.toBytes(), ipv6)).isEqualTo(wrong).isNotEqualTo(0xffff);
            }
        }
    }

    /** The folded sum over pseudo header and TCP segment: 0xffff where the checksum is right. */
    private static int residue(byte[] bytes, boolean ipv6) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int header = ipv6 ? Ip.V6_HEADER : Ip.V4_HEADER;
        int addresses = ipv6 ? 32 : 8;
        long sum = PacketBuilder.sum(buffer, header - addresses, addresses);
        sum += Protocol.TCP + bytes.length - header;
        return PacketBuilder.fold(sum + PacketBuilder.sum(buffer, header, bytes.length - header));
    }

    @Test
    void sumsAgreeWithThePlainWay() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(512);
            byte[] bytes = new byte[512];
            for (int i = 0; i < 5_000; i++) {
                random.nextBytes(bytes);
                MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
                int from = random.nextInt(64);
                int length = random.nextInt(400);
                long plain = PacketBuilder.sum(ByteBuffer.wrap(bytes), from, length);
                assertThat(Checksum.fold(Checksum.sum(memory, from, length, 0)))
                        .isEqualTo(PacketBuilder.fold(plain));
            }
        }
    }

    @Test
    void tunnelsCarryThePacketUnchanged() {
        try (Arena arena = Arena.ofConfined()) {
            Frame frame = new Frame(arena, 2048);
            for (int i = 0; i < 400; i++) {
                boolean innerIpv6 = i % 2 == 0;
                boolean outerIpv6 = i % 4 < 2;
                int tos = random.nextInt(256);
                int ttl = 1 + random.nextInt(255);
                byte[] inner =
                        PacketBuilder.from(address(innerIpv6), port())
                                .to(address(innerIpv6), port())
                                .payload(random.nextInt(1400))
                                .tcp(Ip.ACK)
                                .tos(tos)
                                .ttl(ttl)
                                .bytes();
                frame.load(inner, packet);
                packet.parse();
                Address from = address(outerIpv6);
                Address to = address(outerIpv6);
                if (outerIpv6) {
                    Tunnel.wrapIpv6(packet, from.hi(), from.lo(), to.hi(), to.lo());
                } else {
                    Tunnel.wrapIpv4(packet, from.lo(), to.lo(), false, 7);
                }
                byte[] out = packet.toBytes();
                int overhead = Tunnel.overhead(outerIpv6);
                assertThat(java.util.Arrays.copyOfRange(out, overhead, out.length))
                        .isEqualTo(inner);
                frame.checkGuards();
                assertThat(packet.parse()).isEqualTo(Reason.NONE);
                assertThat(packet.protocol()).isEqualTo(innerIpv6 ? Protocol.IPV6 : Protocol.IPIP);
                assertThat(packet.ttl()).isEqualTo(ttl);
                assertThat(packet.destinationLo()).isEqualTo(to.lo());
                assertThat(packet.sourceHi()).isEqualTo(from.hi());
                int outerTos = outerIpv6 ? packet.u16(0) >>> 4 & 255 : packet.u8(Ip.V4_TOS);
                assertThat(outerTos).isEqualTo((tos & 3) == 3 ? tos & ~3 | 2 : tos);
                if (!outerIpv6) {
                    ByteBuffer header = ByteBuffer.wrap(out);
                    assertThat(PacketBuilder.fold(PacketBuilder.sum(header, 0, 20)))
                            .isEqualTo(0xffff);
                }
            }
        }
    }

    @Test
    void errorsQuoteThePacketAndSumUp() {
        try (Arena arena = Arena.ofConfined()) {
            Frame frame = new Frame(arena, 2048);
            for (int i = 0; i < 400; i++) {
                boolean ipv6 = i % 2 == 0;
                Address client = ipv6 ? Address.parse("fd01::9") : Address.parse("11.0.0.9");
                byte[] about =
                        PacketBuilder.from(client, 1234)
                                .to(address(ipv6), 80)
                                .payload(random.nextInt(1450))
                                .udp()
                                .bytes();
                frame.load(about, packet);
                packet.parse();
                assertThat(
                                IcmpError.isAllowed(packet)
                                        || packet.destinationLo() >>> 28 >= 0xe
                                        || ipv6)
                        .isTrue();
                Address from = address(ipv6);
                if (ipv6) {
                    IcmpError.replaceV6(packet, from.hi(), from.lo(), 2, 0, 1400);
                } else {
                    IcmpError.replaceV4(packet, from.lo(), 3, 4, 1400, 5);
                }
                frame.checkGuards();
                int length = packet.length();
                assertThat(length).isLessThanOrEqualTo(ipv6 ? 1280 : 576);
                byte[] out = packet.toBytes();
                int header = (ipv6 ? Ip.V6_HEADER : Ip.V4_HEADER) + Ip.ICMP_HEADER;
                assertThat(java.util.Arrays.copyOfRange(out, header, out.length))
                        .isEqualTo(java.util.Arrays.copyOf(about, out.length - header));
                assertThat(packet.parse()).isEqualTo(Reason.NONE);
                assertThat(packet.length()).isEqualTo(length);
                assertThat(packet.sourceLo()).isEqualTo(from.lo());
                assertThat(packet.destinationLo()).isEqualTo(client.lo());
                assertThat(IcmpError.isIntact(packet)).isTrue();
            }
        }
    }

    @Test
    void fragmentsMakeUpThePacket() {
        try (Arena arena = Arena.ofConfined()) {
            Frame frame = new Frame(arena, 8192);
            MemorySegment piece = arena.allocate(2048);
            for (int i = 0; i < 500; i++) {
                int options = 4 * random.nextInt(11);
                int offset = random.nextInt(100);
                boolean more = random.nextBoolean();
                byte[] bytes =
                        PacketBuilder.from("11.0.0.9", 1)
                                .to("10.0.0.1", 2)
                                .options(options)
                                .fragmentField(offset | (more ? Ip.MORE_FRAGMENTS : 0))
                                // an odd rest cannot be followed by more
                                .payload(8 * random.nextInt(500) + (more ? 0 : random.nextInt(8)))
                                .udp()
                                .bytes();
                int mtu = 68 + random.nextInt(1500);
                frame.load(bytes, packet);
                packet.parse();
                int header = Ip.V4_HEADER + options;
                int count = Fragmenter.count(packet, mtu);
                byte[] whole = new byte[bytes.length];
                List<Boolean> moreBits = new ArrayList<>();
                int at = header;
                for (int f = 0; f < count; f++) {
                    piece.fill((byte) 0xa5);
                    int length = Fragmenter.write(packet, mtu, f, piece, 0);
                    assertThat(length).isLessThanOrEqualTo(mtu);
                    assertThat(piece.get(ValueLayout.JAVA_BYTE, length)).isEqualTo((byte) 0xa5);
                    byte[] out = piece.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
                    ByteBuffer fields = ByteBuffer.wrap(out);
                    assertThat(PacketBuilder.fold(PacketBuilder.sum(fields, 0, header)))
                            .isEqualTo(0xffff);
                    assertThat((int) fields.getShort(Ip.V4_TOTAL_LENGTH)).isEqualTo(length);
                    int field = fields.getShort(Ip.V4_FRAGMENT);
                    assertThat((field & Ip.FRAGMENT_OFFSET) - offset).isEqualTo((at - header) / 8);
                    moreBits.add((field & Ip.MORE_FRAGMENTS) != 0);
                    System.arraycopy(out, header, whole, at, length - header);
                    at += length - header;
                }
                assertThat(at).isEqualTo(bytes.length);
                System.arraycopy(bytes, 0, whole, 0, header);
                assertThat(whole).isEqualTo(bytes);
                assertThat(moreBits.removeLast()).isEqualTo(more);
                assertThat(moreBits).doesNotContain(false);
            }
        }
    }
}
