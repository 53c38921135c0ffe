package org.jvs.conformance.host;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jvs.core.net.Address;

/** Routing without IPVS: what the director does with packets of others that IPVS leaves alone. */
final class PlainForwarding {
    private final Network network;
    private final LocalStack stack;

    PlainForwarding(Network network, LocalStack stack) {
        this.network = network;
        this.stack = stack;
    }

    /** A packet to be put on a wire towards an address. */
    @SuppressWarnings("ArrayRecordComponent") // packets are compared by hand
    record Outgoing(byte[] packet, Address nextHop) {}

    /** RFC 1812 section 5.2.1: what becomes of a packet that is not for this machine. */
    List<Outgoing> forward(PacketView p) {
        if (network.route(p.destination()) == null) {
            return complain(p, p.ipv6() ? 1 : 3, 0, 0);
        }
        if (p.ttl() <= 1) {
            return complain(p, p.ipv6() ? 3 : 11, 0, 0);
        }
        byte[] packet = Arrays.copyOf(p.bytes(), p.length());
        if (p.ipv6()) {
            packet[7]--;
        } else {
            packet[8]--;
            Bytes.headerChecksum(packet);
        }
        int mtu = network.mtu(p.destination());
        if (packet.length <= mtu) {
            return List.of(new Outgoing(packet, p.destination()));
        }
        if (p.dontFragment()) {
            return complain(p, p.ipv6() ? 2 : 3, p.ipv6() ? 0 : 4, mtu);
        }
        return split(packet, mtu).stream()
                .map(fragment -> new Outgoing(fragment, p.destination()))
                .toList();
    }

    private List<Outgoing> complain(PacketView p, int type, int code, long rest) {
        return LocalStack.mayComplainAbout(p)
                ? List.of(new Outgoing(stack.error(p, type, code, rest), p.source()))
                : List.of();
    }

    /** IPv4 fragments (RFC 791 section 3.2) that fit an MTU. */
    static List<byte[]> split(byte[] packet, int mtu) {
        int header = (packet[0] & 15) * 4;
        int size = (mtu - header) / 8 * 8;
        int flags = Bytes.u16(packet, 6);
        List<byte[]> fragments = new ArrayList<>();
        for (int at = header; at < packet.length; at += size) {
            int part = Math.min(size, packet.length - at);
            boolean last = at + part == packet.length;
            byte[] fragment = Arrays.copyOf(packet, header + part);
            System.arraycopy(packet, at, fragment, header, part);
            Bytes.put16(fragment, 2, fragment.length);
            int more = last ? flags & 0x2000 : 0x2000;
            Bytes.put16(
                    fragment, 6, (flags & 0xc000) | more | (flags & 0x1fff) + (at - header) / 8);
            Bytes.headerChecksum(fragment);
            fragments.add(fragment);
        }
        return fragments;
    }
}
