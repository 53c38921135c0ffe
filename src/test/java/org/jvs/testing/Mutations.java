package org.jvs.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jvs.conformance.host.PacketBuilder;
import org.jvs.core.wire.Ip;

/** Makes hostile packets out of good ones: cut, stretched, spliced, with lies in their headers. */
public final class Mutations {
    private static final Pattern PACKET = Pattern.compile("\"l3\"\\s*:\\s*\"([0-9a-fA-F]+)\"");
    private static final int MAX_LENGTH = 4096;

    /** Values that live at the edges of what code expects. */
    private static final int[] EDGES = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 19, 20, 21, 39, 40, 41, 59, 60, 63, 64, 127, 128, 254,
        255
    };

    private static final int[] PROTOCOLS = {0, 1, 4, 6, 17, 41, 43, 44, 50, 51, 58, 59, 60, 132};

    private final SplittableRandom random;
    private final List<byte[]> corpus;

    public Mutations(SplittableRandom random, List<byte[]> corpus) {
        this.random = random;
        this.corpus = corpus;
    }

    /** Every packet in the recordings below a directory. */
    public static List<byte[]> recorded(Path directory) {
        List<byte[]> packets = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".json")).sorted().toList()) {
                Matcher matcher = PACKET.matcher(Files.readString(file));
                while (matcher.find()) {
                    packets.add(HexFormat.of().parseHex(matcher.group(1)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packets;
    }

    /** The next packet: now and then one as it is, mostly one with a few mutations. */
    public byte[] next() {
        byte[] packet = pick().clone();
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            packet = mutate(packet);
        }
        if (random.nextInt(16) != 0) {
            fixHeaderChecksum(packet);
        }
        return packet.length > MAX_LENGTH ? Arrays.copyOf(packet, MAX_LENGTH) : packet;
    }

    /** Without it most mangled IPv4 packets would get no further than their header. */
    private static void fixHeaderChecksum(byte[] packet) {
        int header = packet.length == 0 ? 0 : (packet[0] & 15) * 4;
        if (header < Ip.V4_HEADER || header > packet.length || packet[0] >>> 4 != 4) {
            return;
        }
        set(packet, Ip.V4_CHECKSUM, 0);
        set(packet, Ip.V4_CHECKSUM + 1, 0);
        int sum = ~PacketBuilder.fold(PacketBuilder.sum(ByteBuffer.wrap(packet), 0, header));
        set(packet, Ip.V4_CHECKSUM, sum >>> 8);
        set(packet, Ip.V4_CHECKSUM + 1, sum);
    }

    private byte[] pick() {
        return corpus.get(random.nextInt(corpus.size()));
    }

    private byte[] mutate(byte[] packet) {
        if (packet.length == 0) {
            return pick().clone();
        }
        return switch (random.nextInt(11)) {
            case 0 -> Arrays.copyOf(packet, random.nextInt(packet.length + 1));
            case 1 -> Arrays.copyOf(packet, packet.length + 1 + random.nextInt(64));
            case 2 ->
                    set(packet, random.nextInt(packet.length), packet[0] ^ 1 << random.nextInt(8));
            case 3 -> {
                int at = random.nextInt(packet.length);
                yield set(packet, at, packet[at] ^ 1 << random.nextInt(8));
            }
            case 4 ->
                    set(packet, random.nextInt(packet.length), EDGES[random.nextInt(EDGES.length)]);
            case 5 -> lie(packet);
            case 6 -> splice(packet);
            case 7 -> quote(packet);
            case 8 -> set(packet, 0, random.nextInt(256));
            case 9 -> protocol(packet);
            default -> consistentLength(packet);
        };
    }

    private static byte[] set(byte[] packet, int at, int value) {
        if (at < packet.length) {
            packet[at] = (byte) value;
        }
        return packet;
    }

    /** A wrong length, header length, fragment or TTL field. */
    private byte[] lie(byte[] packet) {
        boolean ipv6 = packet[0] >>> 4 == 6;
        int value =
                random.nextBoolean() ? random.nextInt(65_536) : EDGES[random.nextInt(EDGES.length)];
        int at =
                switch (random.nextInt(5)) {
                    case 0 -> ipv6 ? Ip.V6_PAYLOAD_LENGTH : Ip.V4_TOTAL_LENGTH;
                    case 1 -> ipv6 ? Ip.V6_NEXT_HEADER : Ip.V4_FRAGMENT;
                    case 2 -> ipv6 ? Ip.V6_HOP_LIMIT : Ip.V4_TTL;
                    case 3 -> (ipv6 ? Ip.V6_HEADER : Ip.V4_HEADER) + Ip.TCP_DATA_OFFSET;
                    default -> (ipv6 ? Ip.V6_HEADER : Ip.V4_HEADER) + 4;
                };
        set(packet, at, value >>> 8);
        return set(packet, at + 1, value);
    }

    /** The head of one and the tail of another. */
    private byte[] splice(byte[] packet) {
        byte[] other = pick();
        int from = random.nextInt(other.length + 1);
        int head = random.nextInt(packet.length + 1);
        byte[] spliced = Arrays.copyOf(packet, head + other.length - from);
        System.arraycopy(other, from, spliced, head, other.length - from);
        return spliced;
    }

    /** An ICMP error about it, sometimes from within a tunnel, with the addresses turned or not. */
    private byte[] quote(byte[] packet) {
        boolean ipv6 = packet[0] >>> 4 == 6;
        byte[] outer = pick();
        int header = ipv6 ? Ip.V6_HEADER : Ip.V4_HEADER;
        for (int tries = 0;
                tries < 8 && (outer.length < header || outer[0] >>> 4 == 6 != ipv6);
                tries++) {
            outer = pick();
        }
        if (outer.length < header) {
            return packet;
        }
        byte[] inner = Arrays.copyOf(packet, random.nextInt(packet.length + 1));
        byte[] error = Arrays.copyOf(outer, header + Ip.ICMP_HEADER + inner.length);
        if (random.nextBoolean() && packet.length >= header) {
            // to where the quoted packet came from
            int size = ipv6 ? 16 : 4;
            System.arraycopy(
                    packet, ipv6 ? Ip.V6_SOURCE : Ip.V4_SOURCE, error, header - size, size);
        }
        error[0] = (byte) (ipv6 ? 0x60 : 0x45);
        error[ipv6 ? Ip.V6_NEXT_HEADER : Ip.V4_PROTOCOL] = (byte) (ipv6 ? 58 : 1);
        if (!ipv6) {
            error[Ip.V4_FRAGMENT] = 0;
            error[Ip.V4_FRAGMENT + 1] = 0;
        }
        int[] types = ipv6 ? new int[] {1, 2, 3, 4, 128} : new int[] {0, 3, 4, 5, 8, 11, 12};
        error[header] = (byte) types[random.nextInt(types.length)];
        error[header + 1] = (byte) random.nextInt(6);
        for (int i = 2; i < Ip.ICMP_HEADER; i++) {
            error[header + i] = 0;
        }
        System.arraycopy(inner, 0, error, header + Ip.ICMP_HEADER, inner.length);
        consistentLength(error);
        if (random.nextInt(4) != 0) {
            fixIcmpChecksum(error, header, ipv6);
        }
        return error;
    }

    private static void fixIcmpChecksum(byte[] packet, int header, boolean ipv6) {
        long sum = ipv6 ? 58 + packet.length - header : 0;
        for (int i = ipv6 ? Ip.V6_SOURCE : header; i < packet.length; i++) {
            sum += (i - header & 1) == 0 ? (packet[i] & 0xff) << 8 : packet[i] & 0xff;
        }
        int checksum = ~PacketBuilder.fold(sum);
        packet[header + Ip.ICMP_CHECKSUM] = (byte) (checksum >>> 8);
        packet[header + Ip.ICMP_CHECKSUM + 1] = (byte) checksum;
    }

    private byte[] protocol(byte[] packet) {
        boolean ipv6 = packet[0] >>> 4 == 6;
        int protocol = PROTOCOLS[random.nextInt(PROTOCOLS.length)];
        return set(packet, ipv6 ? Ip.V6_NEXT_HEADER : Ip.V4_PROTOCOL, protocol);
    }

    /** Makes the IP header's length what the packet has. */
    private static byte[] consistentLength(byte[] packet) {
        boolean ipv6 = packet[0] >>> 4 == 6;
        int at = ipv6 ? Ip.V6_PAYLOAD_LENGTH : Ip.V4_TOTAL_LENGTH;
        int length = ipv6 ? Math.max(packet.length - Ip.V6_HEADER, 0) : packet.length;
        set(packet, at, length >>> 8);
        return set(packet, at + 1, length);
    }
}
