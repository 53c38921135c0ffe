package org.jvs.conformance.host;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;
import org.jvs.core.wire.Ip;

/**
 * Builds the IP packets of scripted clients, servers and hosts, and those of tests, with right
 * lengths and checksums unless told otherwise:
 *
 * <pre>{@code
 * PacketBuilder.from("10.0.0.9", 1234).to("10.0.0.1", 80).tcp(Ip.SYN).bytes()
 * }</pre>
 */
public final class PacketBuilder {
    private static final int SCTP_HEADER = 12;

    private final Address source;
    private final int sourcePort;
    private Address destination;
    private int destinationPort;
    private int protocol = Protocol.TCP;
    private int tcpFlags;
    private long sequence = 0x01020304;
    private long acknowledgement = 0x05060708;
    private int window = 0x7210;
    private byte[] tcpOptions = {};
    private int id = 0x1234;
    private int ttl = 64;
    private int tos;
    private int fragmentField;
    private int optionBytes;
    private boolean udpChecksum = true;
    private int checksumError;
    private byte[] payload = {};
    private int icmpType;
    private int icmpCode;
    private long icmpRest;

    private PacketBuilder(Address source, int port) {
        this.source = source;
        this.sourcePort = port;
        this.destination = source;
    }

    /** A packet from an address and port; the family follows from the address. */
    public static PacketBuilder from(String address, int port) {
        return from(Address.parse(address), port);
    }

    /** A packet from an address and port. */
    public static PacketBuilder from(Address address, int port) {
        return new PacketBuilder(address, port);
    }

    public PacketBuilder to(String address, int port) {
        return to(Address.parse(address), port);
    }

    public PacketBuilder to(Address address, int port) {
        destination = address;
        destinationPort = port;
        return this;
    }

    public PacketBuilder tcp(int flags) {
        protocol = Protocol.TCP;
        tcpFlags = flags;
        return this;
    }

    /** TCP's sequence number. */
    public PacketBuilder sequence(long number) {
        sequence = number;
        return this;
    }

    /** TCP's acknowledgement number. */
    public PacketBuilder acknowledgement(long number) {
        acknowledgement = number;
        return this;
    }

    /** TCP's window, as it stands in the header. */
    public PacketBuilder window(int value) {
        window = value;
        return this;
    }

    /** TCP's options, a multiple of 4 bytes. */
    public PacketBuilder tcpOptions(byte[] bytes) {
        tcpOptions = bytes.clone();
        return this;
    }

    public PacketBuilder udp() {
        protocol = Protocol.UDP;
        return this;
    }

    /** UDP without a checksum (IPv4 only). */
    public PacketBuilder udpWithoutChecksum() {
        udpChecksum = false;
        return udp();
    }

    /** An ICMP or ICMPv6 message, by family, with the given bytes behind its header. */
    public PacketBuilder icmp(int type, int code, long rest, byte[] body) {
        protocol = source.isIpv6() ? Protocol.ICMPV6 : Protocol.ICMP;
        icmpType = type;
        icmpCode = code;
        icmpRest = rest;
        payload = body;
        return this;
    }

    /** An SCTP INIT with the recorder's fixed tag, window and streams (RFC 9260 section 3.3.2). */
    public PacketBuilder sctpInit() {
        ByteBuffer chunk = ByteBuffer.allocate(SCTP_HEADER + 20);
        chunk.putShort((short) sourcePort).putShort((short) destinationPort);
        chunk.putInt(0).putInt(0).put((byte) 1).put((byte) 0).putShort((short) 20);
        chunk.putInt(0x11223344).putInt(65535).putShort((short) 10).putShort((short) 10).putInt(1);
        CRC32C crc = new CRC32C();
        crc.update(chunk.array());
        chunk.putInt(8, Integer.reverseBytes((int) crc.getValue()));
        payload = chunk.array();
        return protocol(Protocol.SCTP);
    }

    /** Any other protocol, with only the payload behind the IP header. */
    public PacketBuilder protocol(int number) {
        protocol = number;
        return this;
    }

    public PacketBuilder ttl(int value) {
        ttl = value;
        return this;
    }

    public PacketBuilder tos(int value) {
        tos = value;
        return this;
    }

    /** IPv4's identification. */
    public PacketBuilder id(int value) {
        id = value;
        return this;
    }

    public PacketBuilder dontFragment() {
        fragmentField |= Ip.DONT_FRAGMENT;
        return this;
    }

    /** IPv4's flags and offset field. */
    public PacketBuilder fragmentField(int value) {
        fragmentField = value;
        return this;
    }

    /** IPv4 options: no-operation bytes, a multiple of 4. */
    public PacketBuilder options(int bytes) {
        optionBytes = bytes;
        return this;
    }

    /** Makes the transport checksum wrong by adding to it. */
    public PacketBuilder checksumError(int amount) {
        checksumError = amount;
        return this;
    }

    public PacketBuilder payload(byte[] bytes) {
        payload = bytes.clone();
        return this;
    }

    /** A payload of so many different bytes. */
    public PacketBuilder payload(int length) {
        payload = new byte[length];
        for (int i = 0; i < length; i++) {
            payload[i] = (byte) (i * 7 + 3);
        }
        return this;
    }

    /** The packet from its IP header on. */
    public byte[] bytes() {
        boolean ipv6 = source.isIpv6();
        int ipHeader = ipv6 ? Ip.V6_HEADER : Ip.V4_HEADER + optionBytes;
        int transportHeader =
                switch (protocol) {
                    case Protocol.TCP -> Ip.TCP_HEADER + tcpOptions.length;
                    case Protocol.UDP -> Ip.UDP_HEADER;
                    case Protocol.ICMP, Protocol.ICMPV6 -> Ip.ICMP_HEADER;
                    default -> 0;
                };
        int transportLength = transportHeader + payload.length;
        ByteBuffer packet = ByteBuffer.allocate(ipHeader + transportLength);
        if (ipv6) {
            packet.putInt(6 << 28 | tos << 20).putShort((short) transportLength);
            packet.put((byte) protocol).put((byte) ttl);
            packet.put(source.toBytes()).put(destination.toBytes());
        } else {
            packet.put((byte) (0x40 | ipHeader / 4)).put((byte) tos);
            packet.putShort((short) packet.capacity()).putShort((short) id);
            packet.putShort((short) fragmentField).put((byte) ttl).put((byte) protocol);
            packet.putShort((short) 0).put(source.toBytes()).put(destination.toBytes());
            for (int i = 0; i < optionBytes; i++) {
                packet.put((byte) 1);
            }
            packet.putShort(Ip.V4_CHECKSUM, (short) ~fold(sum(packet, 0, ipHeader)));
        }
        putTransport(packet, ipHeader, transportLength);
        return packet.array();
    }

    private void putTransport(ByteBuffer packet, int at, int length) {
        packet.position(at);
        int field = -1;
        switch (protocol) {
            case Protocol.TCP -> {
                packet.putShort((short) sourcePort).putShort((short) destinationPort);
                packet.putInt((int) sequence).putInt((int) acknowledgement);
                packet.put((byte) ((Ip.TCP_HEADER + tcpOptions.length) / 4 << 4));
                packet.put((byte) tcpFlags).putShort((short) window).putInt(0).put(tcpOptions);
                field = Ip.TCP_CHECKSUM;
            }
            case Protocol.UDP -> {
                packet.putShort((short) sourcePort).putShort((short) destinationPort);
                packet.putShort((short) length).putShort((short) 0);
                field = udpChecksum ? Ip.UDP_CHECKSUM : -1;
            }
            case Protocol.ICMP, Protocol.ICMPV6 -> {
                packet.put((byte) icmpType).put((byte) icmpCode).putShort((short) 0);
                packet.putInt((int) icmpRest);
                field = Ip.ICMP_CHECKSUM;
            }
            default -> {}
        }
        packet.put(payload);
        if (field >= 0) {
            long pseudo = protocol == Protocol.ICMP ? 0 : pseudoHeader(length);
            int checksum = ~fold(sum(packet, at, length) + pseudo) & 0xffff;
            if (checksum == 0 && protocol == Protocol.UDP) {
                checksum = 0xffff;
            }
            packet.putShort(at + field, (short) (checksum + checksumError));
        }
    }

    private long pseudoHeader(int length) {
        ByteBuffer addresses = ByteBuffer.allocate(32);
        addresses.put(source.toBytes()).put(destination.toBytes());
        return sum(addresses, 0, addresses.position()) + protocol + length;
    }

    /** The sum of 16-bit words, written the plain way: a yardstick for the engine's own. */
    public static long sum(ByteBuffer bytes, int from, int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            int value = bytes.get(from + i) & 0xff;
            sum += i % 2 == 0 ? value << 8 : value;
        }
        return sum;
    }

    /** Folds a sum of 16-bit words. */
    public static int fold(long sum) {
        long folded = sum;
        while (folded > 0xffff) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }
}
