package org.jvs.conformance.host;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;
import org.jvs.core.wire.Ip;

/**
 * The director's own IP stack, as far as the recordings show it: what it answers to packets that
 * are delivered to it. Some answers come at once and are {@linkplain #receive returned}; others
 * come from a program whenever it gets to run, and are {@linkplain #later sent later}: the
 * recording may show them or not, {@link #couldHaveSent} tells.
 */
public final class LocalStack {
    /** The recorder maps the initial sequence numbers of the director to this. */
    private static final long INITIAL_SEQUENCE = 1_000_000;

    /** ICMP errors are at most this long, the IP header included. */
    private static final int ERROR_TOTAL_V4 = 576;

    private static final int ERROR_TOTAL_V6 = 1280;
    private static final int UDP_LITE = 136;
    private static final int IGMP = 2;
    private static final int PIM = 103;

    /** RFC 8200 section 4.7: nothing follows, and that is no error. */
    private static final int NO_NEXT_HEADER = 59;

    /** A program that listens and sends back what it gets. */
    private record Listener(int protocol, int port, int process) {}

    /** The two ends of a connection, our own first. */
    private record Ends(Address own, int ownPort, Address peer, int peerPort) {}

    /** A TCP connection of the echo program. */
    private static final class Connection {
        long received;
        long sent = INITIAL_SEQUENCE + 1;
        boolean peerClosed;
        boolean closed;
        final StringBuilder echo = new StringBuilder();
    }

    private final Network network;
    private final List<Listener> listeners = new ArrayList<>();
    private final Map<Ends, Connection> connections = new HashMap<>();
    private final Map<Ends, Ends> translated = new HashMap<>();

    /** A stack on a machine. */
    public LocalStack(Network network) {
        this.network = network;
    }

    /** Starts a server that echoes. */
    public void listen(int protocol, int port, int process) {
        listeners.add(new Listener(protocol, port, process));
    }

    /** Ends the servers of a process; false where there was none. */
    public boolean kill(int process) {
        return listeners.removeIf(listener -> listener.process == process);
    }

    private boolean listens(int protocol, int port) {
        return listeners.stream().anyMatch(l -> l.protocol == protocol && l.port == port);
    }

    /**
     * A packet was delivered here.
     *
     * @return what the stack answers at once
     */
    public List<byte[]> receive(PacketView p) {
        boolean answerable = !p.isFragment() && isUnicast(p.source()) && isUnicast(p.destination());
        // Each family knows the other's ICMP as a number only.
        boolean foreign = p.protocol() == (p.ipv6() ? Protocol.ICMP : Protocol.ICMPV6);
        if (!answerable || !(foreign || p.checksumRight())) {
            return List.of();
        }
        byte @Nullable [] answer =
                switch (p.protocol()) {
                    case Protocol.TCP -> p.isTcp() ? tcp(p) : null;
                    case Protocol.UDP, UDP_LITE -> udp(p);
                    case Protocol.ICMP -> p.ipv6() ? unknownProtocol(p) : echo(p);
                    case Protocol.ICMPV6 -> p.ipv6() ? echo(p) : unknownProtocol(p);
                    // No tunnel of ours takes it; the kernel's tunnel code says so in this way.
                    case Protocol.IPIP -> p.payloadLength() < 20 ? null : portUnreachable(p);
                    case Protocol.IPV6 -> p.payloadLength() < 40 ? null : portUnreachable(p);
                    // Linux has modules for these.
                    case IGMP -> p.ipv6() ? unknownProtocol(p) : null;
                    case PIM -> null;
                    default -> unknownProtocol(p);
                };
        return answer == null ? List.of() : List.of(answer);
    }

    private static boolean isUnicast(Address address) {
        int first = address.toBytes()[0] & 0xff;
        return address.isIpv6()
                ? first != 0xff
                : first < 224 && first != 0 && (address.lo() & 0xff) != 255;
    }

    private static PacketBuilder back(PacketView p) {
        int port = p.hasPorts() ? p.destinationPort() : 0;
        int peer = p.hasPorts() ? p.sourcePort() : 0;
        return packet(p.destination(), port).to(p.source(), peer);
    }

    /** Linux's own packets may not be cut and have no identification, but for its ICMP. */
    private static PacketBuilder packet(Address own, int port) {
        return PacketBuilder.from(own, port).id(0).dontFragment();
    }

    private byte @Nullable [] echo(PacketView p) {
        if (!p.isIcmp() || p.t8(0) != (p.ipv6() ? 128 : 8)) {
            return null;
        }
        byte[] data = Arrays.copyOfRange(p.bytes(), p.transport() + 8, p.length());
        return back(p).tos(p.tos())
                .fragmentField(0)
                .icmp(p.ipv6() ? 129 : 0, 0, p.t32(4), data)
                .bytes();
    }

    private byte @Nullable [] udp(PacketView p) {
        if (p.protocol() == UDP_LITE && !coverageRight(p)) {
            return null;
        }
        if (p.payloadLength() < 8 || listens(Protocol.UDP, p.destinationPort())) {
            return null;
        }
        return portUnreachable(p);
    }

    /** RFC 3828 section 3.1: how far the checksum reaches; 0 is all of it. */
    private static boolean coverageRight(PacketView p) {
        int length = p.payloadLength();
        return length >= 8 && (p.t16(4) == 0 || p.t16(4) >= 8 && p.t16(4) <= length);
    }

    private byte[] portUnreachable(PacketView p) {
        return error(p, p.ipv6() ? 1 : 3, p.ipv6() ? 4 : 3, 0);
    }

    private byte @Nullable [] unknownProtocol(PacketView p) {
        if (!p.ipv6()) {
            return error(p, 3, 2, 0);
        }
        return p.protocol() == NO_NEXT_HEADER ? null : error(p, 4, 1, p.protocolAt());
    }

    /**
     * An ICMP error about a packet (RFC 1812 section 4.3.2, RFC 4443 section 2.4); the caller has
     * made sure that one may be sent.
     */
    byte[] error(PacketView p, int type, int code, long rest) {
        boolean ours =
                p.ipv6() ? network.isOwnAddress(p.destination()) : network.isLocal(p.destination());
        Address chosen = ours ? p.destination() : network.source(p.source());
        PacketBuilder builder =
                packet(chosen == null ? p.destination() : chosen, 0).to(p.source(), 0);
        int header = p.ipv6() ? 40 : 20;
        int total = p.ipv6() ? ERROR_TOTAL_V6 : ERROR_TOTAL_V4;
        byte[] quoted = Arrays.copyOf(p.bytes(), Math.min(p.length(), total - header - 8));
        if (!p.ipv6()) {
            builder.tos((p.tos() & 0x1e) | 0xc0).fragmentField(0);
        }
        return builder.icmp(type, code, rest, quoted).bytes();
    }

    /** Whether an error may be sent about a packet (RFC 1122 section 3.2.2). */
    static boolean mayComplainAbout(PacketView p) {
        return !p.isIcmpError()
                && p.fragmentOffset() == 0
                && isUnicast(p.source())
                && isUnicast(p.destination());
    }

    private byte @Nullable [] tcp(PacketView p) {
        Ends ends = new Ends(p.destination(), p.destinationPort(), p.source(), p.sourcePort());
        int flags = p.flags();
        if ((flags & Ip.RST) != 0) {
            connections.remove(ends);
            return null;
        }
        Connection connection = connections.get(ends);
        boolean opens = (flags & (Ip.SYN | Ip.ACK)) == Ip.SYN;
        if (opens && listens(Protocol.TCP, p.destinationPort())) {
            return accept(p, ends);
        }
        if (connection == null) {
            return reset(p);
        }
        byte[] data = p.data();
        if (p.sequence() == connection.received) {
            connection.received += data.length;
            for (byte b : data) {
                connection.echo.append((char) (b & 0xff));
            }
            if ((flags & Ip.FIN) != 0) {
                connection.received++;
                connection.peerClosed = true;
            }
        }
        return null;
    }

    private byte[] accept(PacketView p, Ends ends) {
        Connection connection = new Connection();
        connection.received = p.sequence() + 1 & 0xffffffffL;
        connections.put(ends, connection);
        int segment = network.mtu(p.source()) - (p.ipv6() ? 60 : 40);
        // As many whole segments as fit 64 KiB less a quarter of a segment: Linux's default.
        int window = p.ipv6() ? 45 * segment : 44 * segment;
        byte[] options = {2, 4, (byte) (segment >> 8), (byte) segment};
        return back(p).tcp(Ip.SYN | Ip.ACK)
                .sequence(INITIAL_SEQUENCE)
                .acknowledgement(connection.received)
                .window(window)
                .tcpOptions(options)
                .bytes();
    }

    /** RFC 9293 section 3.10.7.1: the answer to a segment of a connection that is not there. */
    private static byte[] reset(PacketView p) {
        boolean ack = (p.flags() & Ip.ACK) != 0;
        int length = p.data().length;
        length += (p.flags() & Ip.SYN) != 0 ? 1 : 0;
        length += (p.flags() & Ip.FIN) != 0 ? 1 : 0;
        return back(p).tcp(ack ? Ip.RST : Ip.RST | Ip.ACK)
                .sequence(ack ? p.acknowledgement() : 0)
                .acknowledgement(ack ? 0 : p.sequence() + length)
                .window(0)
                .bytes();
    }

    /** What the programs have sent in the meantime: data back, and the end after the peer's end. */
    public List<byte[]> later() {
        List<byte[]> packets = new ArrayList<>();
        connections.forEach((ends, connection) -> {
            long all = INITIAL_SEQUENCE + 1 + connection.echo.length();
            boolean finishes = connection.peerClosed && !connection.closed;
            if (connection.sent == all && !finishes) {
                return;
            }
            int from = (int) (connection.sent - INITIAL_SEQUENCE - 1);
            byte[] data = connection.echo.substring(from).getBytes(StandardCharsets.ISO_8859_1);
            int flags = Ip.ACK | (data.length > 0 ? Ip.PSH : 0);
            packets.add(
                    packet(ends.own, ends.ownPort)
                            .to(ends.peer, ends.peerPort)
                            .tcp(finishes ? flags | Ip.FIN : flags)
                            .sequence(connection.sent)
                            .acknowledgement(connection.received)
                            .window(64_000)
                            .payload(data)
                            .bytes());
            connection.sent = all;
            connection.closed |= finishes;
        });
        return packets;
    }

    /** A packet of this host left with other ends than it was made with: NAT to the host itself. */
    void leftAs(PacketView made, PacketView left) {
        if (made.isTcp() && left.isTcp()) {
            translated.put(endsOf(left), endsOf(made));
        }
    }

    private static Ends endsOf(PacketView sent) {
        return new Ends(
                sent.source(), sent.sourcePort(), sent.destination(), sent.destinationPort());
    }

    /**
     * Whether a program of this host could have sent a packet by now: a segment of one of its
     * connections that acknowledges what was received, and carries what is to be echoed. When it
     * does so depends on when it gets to run, and so does the window it offers.
     */
    public boolean couldHaveSent(PacketView p) {
        if (p.isUdp()) {
            return listens(Protocol.UDP, p.sourcePort()) && network.isLocal(p.source());
        }
        Ends onWire = p.isTcp() ? endsOf(p) : null;
        Connection connection =
                onWire == null ? null : connections.get(translated.getOrDefault(onWire, onWire));
        int unexpected = Ip.SYN | Ip.RST;
        if (connection == null
                || (p.flags() & unexpected) != 0
                || p.acknowledgement() > connection.received
                || p.acknowledgement() < connection.received - connection.echo.length() - 1
                || !p.checksumRight()) {
            return false;
        }
        long from = p.sequence() - INITIAL_SEQUENCE - 1;
        byte[] data = p.data();
        String carried = new String(data, StandardCharsets.ISO_8859_1);
        boolean ends = (p.flags() & Ip.FIN) != 0;
        return from >= 0
                && from <= connection.echo.length() + 1L
                && (data.length == 0 || connection.echo.toString().startsWith(carried, (int) from))
                && (!ends || connection.peerClosed);
    }
}
