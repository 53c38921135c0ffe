package org.jvs.conformance.host;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;
import org.jvs.core.wire.Ip;

/** A packet as one line of text, in the words of the recordings' {@code text} fields. */
public final class Describer {
    private static final HexFormat HEX = HexFormat.of();
    private static final String FLAG_LETTERS = "SFRPAUEC";
    private static final int[] FLAG_BITS = {2, 1, 4, 8, 16, 32, 64, 128};
    private static final String[] CHUNKS = {
        "DATA",
        "INIT",
        "INIT_ACK",
        "SACK",
        "HEARTBEAT",
        "HEARTBEAT_ACK",
        "ABORT",
        "SHUTDOWN",
        "SHUTDOWN_ACK",
        "ERROR",
        "COOKIE_ECHO",
        "COOKIE_ACK",
        "12",
        "13",
        "SHUTDOWN_COMPLETE"
    };

    private Describer() {}

    /** The text of a packet. */
    public static String describe(byte[] packet) {
        return describe(packet, false);
    }

    private static String describe(byte[] packet, boolean inner) {
        PacketView p = PacketView.of(packet);
        if (p == null) {
            return "not IP: " + HEX.formatHex(packet, 0, Math.min(40, packet.length));
        }
        StringBuilder s = new StringBuilder(p.ipv6() ? "IP6 " : "IP ");
        boolean ports = p.hasPorts();
        s.append(end(p.source(), ports ? p.sourcePort() : -1)).append(" > ");
        s.append(end(p.destination(), ports ? p.destinationPort() : -1));
        s.append(" ttl ").append(p.ttl());
        if (!p.ipv6()) {
            s.append(String.format(" id 0x%04x", p.id())).append(p.dontFragment() ? " DF" : "");
            int header = (packet[0] & 15) * 4;
            if (header > 20) {
                s.append(" ipopts ").append(HEX.formatHex(packet, 20, header));
            }
        }
        if (p.tos() != 0) {
            s.append(String.format(" tos 0x%02x", p.tos()));
        }
        if (p.isFragment() || p.fragmentHeader()) {
            s.append(" frag(off ").append(p.fragmentOffset());
            s.append(p.moreFragments() ? " MF" : "").append(')');
        }
        if (!p.headerRight()) {
            s.append(" BAD-IP-CSUM");
        }
        transport(s, p, inner);
        if (!inner && !p.isFragment()) {
            s.append(checksum(p));
        }
        return s.toString();
    }

    private static String end(Address address, int port) {
        return port < 0 ? address.toString() : address + "." + port;
    }

    private static String checksum(PacketView p) {
        if (p.protocol() == Protocol.UDP && p.payloadLength() >= 8 && p.t16(6) == 0) {
            return " no-csum";
        }
        boolean right = p.protocol() == Protocol.SCTP ? crcRight(p) : p.checksumRight();
        return right ? "" : " BAD-CSUM";
    }

    private static boolean crcRight(PacketView p) {
        if (p.payloadLength() < 12) {
            return true;
        }
        byte[] body = Arrays.copyOfRange(p.bytes(), p.transport(), p.length());
        Bytes.put32(body, 8, 0);
        CRC32C crc = new CRC32C();
        crc.update(body);
        return Integer.reverseBytes((int) crc.getValue()) == (int) p.t32(8);
    }

    private static void transport(StringBuilder s, PacketView p, boolean inner) {
        byte[] rest =
                Arrays.copyOfRange(p.bytes(), p.transport(), Math.max(p.transport(), p.length()));
        if (p.isTcp()) {
            tcp(s, p);
        } else if (p.isUdp()) {
            byte[] data = p.data();
            int port = p.destinationPort();
            s.append(" UDP len ").append(data.length);
            if ((port == 6080 || port == 5555 || port == 8848) && data.length > 0 && !inner) {
                s.append(" payload ").append(HEX.formatHex(data, 0, Math.min(96, data.length)));
            } else if (data.length > 0) {
                s.append(" data ").append(quote(data, 32)).append(data.length > 32 ? "..." : "");
            }
        } else if (p.protocol() == Protocol.SCTP && p.hasPorts()) {
            s.append(" SCTP vtag ").append(HEX.formatHex(rest, 4, 8)).append(' ');
            s.append(chunks(rest));
        } else if (p.isIcmp()) {
            icmp(s, p, rest);
        } else if ((p.protocol() == Protocol.IPIP || p.protocol() == Protocol.IPV6)
                && p.fragmentOffset() == 0) {
            s.append(" IPIP { ").append(describe(rest, inner || p.moreFragments())).append(" }");
        } else if (p.protocol() == Protocol.GRE && rest.length >= 4) {
            byte[] carried = Arrays.copyOfRange(rest, 4, rest.length);
            s.append(" GRE ").append(HEX.formatHex(rest, 0, 4)).append(" { ");
            s.append((rest[0] & 0xb0) == 0 ? describe(carried) : HEX.formatHex(carried));
            s.append(" }");
        } else {
            s.append(" proto ").append(p.protocol()).append(" len ").append(rest.length);
        }
    }

    private static void tcp(StringBuilder s, PacketView p) {
        StringBuilder flags = new StringBuilder();
        for (int i = 0; i < FLAG_BITS.length; i++) {
            if ((p.flags() & FLAG_BITS[i]) != 0) {
                flags.append(FLAG_LETTERS.charAt(i));
            }
        }
        s.append(" TCP ")
                .append(flags.isEmpty() ? "-" : flags)
                .append(" seq ")
                .append(p.sequence());
        if ((p.flags() & Ip.ACK) != 0) {
            s.append(" ack ").append(p.acknowledgement());
        }
        s.append(" win ").append(p.t16(14));
        int header = Math.min((p.t8(12) >> 4) * 4, p.payloadLength());
        if (header > 20) {
            s.append(" opts ")
                    .append(HEX.formatHex(p.bytes(), p.transport() + 20, p.transport() + header));
        }
        byte[] data = p.data();
        if (data.length > 0) {
            s.append(" data ").append(quote(data, 120));
            s.append(data.length > 120 ? "...(" + data.length + ")" : "");
        }
    }

    private static void icmp(StringBuilder s, PacketView p, byte[] rest) {
        int type = p.t8(0);
        boolean echo = p.ipv6() ? type == 128 : type == 8;
        boolean reply = p.ipv6() ? type == 129 : type == 0;
        if (echo || reply) {
            s.append(" ICMP ").append(echo ? "echo" : "echo-reply");
            s.append(" id ").append(p.t16(4)).append(" seq ").append(p.t16(6));
            return;
        }
        s.append(" ICMP type ").append(type).append(" code ").append(p.t8(1));
        s.append(" rest ").append(HEX.formatHex(rest, 4, 8));
        if (p.isIcmpError()) {
            byte[] quoted = Arrays.copyOfRange(rest, 8, rest.length);
            s.append(" { ").append(describe(quoted, true)).append(" }");
        }
    }

    private static String chunks(byte[] packet) {
        List<String> names = new ArrayList<>();
        int at = 12;
        while (at + 4 <= packet.length) {
            int type = packet[at] & 0xff;
            names.add(type < CHUNKS.length ? CHUNKS[type] : Integer.toString(type));
            int size = Bytes.u16(packet, at + 2);
            at += Math.max(4, size + 3 & ~3);
        }
        return String.join("+", names);
    }

    /** Data as a quoted string, other than printable characters escaped. */
    private static String quote(byte[] data, int most) {
        String text = new String(data, 0, Math.min(most, data.length), StandardCharsets.ISO_8859_1);
        char mark = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder s = new StringBuilder().append(mark);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> s.append("\\\\");
                case '\n' -> s.append("\\n");
                case '\r' -> s.append("\\r");
                case '\t' -> s.append("\\t");
                default -> {
                    if (c == mark) {
                        s.append('\\').append(c);
                    } else if (c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad) {
                        s.append(String.format("\\x%02x", (int) c));
                    } else {
                        s.append(c);
                    }
                }
            }
        }
        return s.append(mark).toString();
    }
}
