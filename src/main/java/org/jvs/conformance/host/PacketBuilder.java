package org.jvs.conformance.host;

import java.util.zip.CRC32C;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;

/** Makes packets: those of the scripted clients and servers, and the answers of the host. */
public final class PacketBuilder {
    public static final int FIN = 1;
    public static final int SYN = 2;
    public static final int RST = 4;
    public static final int PSH = 8;
    public static final int ACK = 16;

    private final Address source;
    private final Address destination;
    private int ttl = 64;
    private int tos;
    private int id;
    private boolean dontFragment = true;

    private PacketBuilder(Address source, Address destination) {
        this.source = source;
        this.destination = destination;
    }

    /** A packet with TTL 64, and for IPv4 with DF and identification 0. */
    public static PacketBuilder from(Address source, Address destination) {
        return new PacketBuilder(source, destination);
    }

    public PacketBuilder ttl(int value) {
        ttl = value;
        return this;
    }

    public PacketBuilder tos(int value) {
        tos = value;
        return this;
    }

    public PacketBuilder id(int value) {
        id = value;
        return this;
    }

    public PacketBuilder mayFragment() {
        dontFragment = false;
        return this;
    }

    /** A TCP segment with its checksum; options are padded with no-ops. */
    public byte[] tcp(
            int sourcePort,
            int destinationPort,
            int flags,
            long sequence,
            long acknowledgement,
            int window,
            byte[] options,
            byte[] data) {
        int header = 20 + options.length;
        byte[] segment = new byte[header + data.length];
        Bytes.put16(segment, 0, sourcePort);
        Bytes.put16(segment, 2, destinationPort);
        Bytes.put32(segment, 4, sequence);
        Bytes.put32(segment, 8, acknowledgement);
        segment[12] = (byte) (header / 4 << 4);
        segment[13] = (byte) flags;
        Bytes.put16(segment, 14, window);
        System.arraycopy(options, 0, segment, 20, options.length);
        System.arraycopy(data, 0, segment, header, data.length);
        Bytes.put16(segment, 16, checksum(Protocol.TCP, segment));
        return packet(Protocol.TCP, segment);
    }

    /** A UDP datagram with its checksum. */
    public byte[] udp(int sourcePort, int destinationPort, byte[] data) {
        byte[] datagram = new byte[8 + data.length];
        Bytes.put16(datagram, 0, sourcePort);
        Bytes.put16(datagram, 2, destinationPort);
        Bytes.put16(datagram, 4, datagram.length);
        System.arraycopy(data, 0, datagram, 8, data.length);
        int sum = checksum(Protocol.UDP, datagram);
        Bytes.put16(datagram, 6, sum == 0 ? 0xffff : sum);
        return packet(Protocol.UDP, datagram);
    }

    /** An SCTP INIT with the recorder's fixed tag, window and streams (RFC 9260 section 3.3.2). */
    public byte[] sctpInit(int sourcePort, int destinationPort) {
        byte[] packet = new byte[12 + 20];
        Bytes.put16(packet, 0, sourcePort);
        Bytes.put16(packet, 2, destinationPort);
        packet[12] = 1;
        Bytes.put16(packet, 14, 20);
        Bytes.put32(packet, 16, 0x11223344L);
        Bytes.put32(packet, 20, 65535);
        Bytes.put16(packet, 24, 10);
        Bytes.put16(packet, 26, 10);
        Bytes.put32(packet, 28, 1);
        CRC32C crc = new CRC32C();
        crc.update(packet);
        Bytes.put32(packet, 8, Integer.toUnsignedLong(Integer.reverseBytes((int) crc.getValue())));
        return packet(Protocol.SCTP, packet);
    }

    /** An ICMP or ICMPv6 message, by the version of the addresses. */
    public byte[] icmp(int type, int code, long rest, byte[] data) {
        byte[] message = new byte[8 + data.length];
        message[0] = (byte) type;
        message[1] = (byte) code;
        Bytes.put32(message, 4, rest);
        System.arraycopy(data, 0, message, 8, data.length);
        if (source.isIpv6()) {
            Bytes.put16(message, 2, checksum(Protocol.ICMPV6, message));
            return packet(Protocol.ICMPV6, message);
        }
        Bytes.put16(message, 2, ~Bytes.sum(message, 0, message.length, 0) & 0xffff);
        return packet(Protocol.ICMP, message);
    }

    private int checksum(int protocol, byte[] payload) {
        long pseudo = Bytes.pseudo(source, destination, protocol, payload.length);
        return ~Bytes.sum(payload, 0, payload.length, pseudo) & 0xffff;
    }

    private byte[] packet(int protocol, byte[] payload) {
        int header = source.isIpv6() ? 40 : 20;
        byte[] packet = new byte[header + payload.length];
        System.arraycopy(payload, 0, packet, header, payload.length);
        byte[] from = source.toBytes();
        byte[] to = destination.toBytes();
        if (source.isIpv6()) {
            Bytes.put32(packet, 0, 0x60000000L | (long) tos << 20);
            Bytes.put16(packet, 4, payload.length);
            packet[6] = (byte) protocol;
            packet[7] = (byte) ttl;
            System.arraycopy(from, 0, packet, 8, 16);
            System.arraycopy(to, 0, packet, 24, 16);
            return packet;
        }
        packet[0] = 0x45;
        packet[1] = (byte) tos;
        Bytes.put16(packet, 2, packet.length);
        Bytes.put16(packet, 4, id);
        Bytes.put16(packet, 6, dontFragment ? 0x4000 : 0);
        packet[8] = (byte) ttl;
        packet[9] = (byte) protocol;
        System.arraycopy(from, 0, packet, 12, 4);
        System.arraycopy(to, 0, packet, 16, 4);
        Bytes.headerChecksum(packet);
        return packet;
    }
}
