package org.jvs.core.wire;

import java.lang.foreign.MemorySegment;
import org.jvs.core.net.Protocol;

/**
 * Completes TCP and UDP checksums that the sender left to a device which never was: veth, virtio
 * and loopback hand up packets whose checksum field holds only the sum of the pseudo header. A
 * field that holds it by chance gets the value it had, so that completing is never wrong.
 */
public final class PartialChecksum {
    private PartialChecksum() {}

    /**
     * Completes the checksum of a packet if it is partial. Fragments, IPv6 extension headers and
     * packets shorter than they say are left alone.
     *
     * @param start offset of the IP header
     * @param length bytes there, link-layer padding included
     * @return whether it was partial
     */
    public static boolean complete(MemorySegment memory, long start, int length) {
        if (length < Ip.V4_HEADER) {
            return false;
        }
        int version = memory.get(Fields.BYTE, start) >>> 4 & 15;
        if (version == 4) {
            return completeV4(memory, start, length);
        }
        return version == 6 && length >= Ip.V6_HEADER && completeV6(memory, start, length);
    }

    private static boolean completeV4(MemorySegment memory, long start, int length) {
        int header = (memory.get(Fields.BYTE, start) & 15) * 4;
        int total = memory.get(Fields.SHORT, start + Ip.V4_TOTAL_LENGTH) & 0xffff;
        int fragment = memory.get(Fields.SHORT, start + Ip.V4_FRAGMENT);
        if (header < Ip.V4_HEADER
                || total > length
                || total < header
                || (fragment & (Ip.MORE_FRAGMENTS | Ip.FRAGMENT_OFFSET)) != 0) {
            return false;
        }
        int protocol = memory.get(Fields.BYTE, start + Ip.V4_PROTOCOL) & 0xff;
        long sum = memory.get(Fields.INT, start + Ip.V4_SOURCE) & 0xffffffffL;
        sum += memory.get(Fields.INT, start + Ip.V4_DESTINATION) & 0xffffffffL;
        return complete(memory, start + header, total - header, protocol, sum);
    }

    private static boolean completeV6(MemorySegment memory, long start, int length) {
        int payload = memory.get(Fields.SHORT, start + Ip.V6_PAYLOAD_LENGTH) & 0xffff;
        if (Ip.V6_HEADER + payload > length) {
            return false;
        }
        int protocol = memory.get(Fields.BYTE, start + Ip.V6_NEXT_HEADER) & 0xff;
        long sum = Checksum.sum(memory, start + Ip.V6_SOURCE, 32, 0);
        return complete(memory, start + Ip.V6_HEADER, payload, protocol, sum);
    }

    private static boolean complete(
            MemorySegment memory, long at, int length, int protocol, long addresses) {
        boolean tcp = protocol == Protocol.TCP;
        int needed = tcp ? Ip.TCP_HEADER : Ip.UDP_HEADER;
        if (!tcp && protocol != Protocol.UDP || length < needed) {
            return false;
        }
        long place = at + (tcp ? Ip.TCP_CHECKSUM : Ip.UDP_CHECKSUM);
        int field = memory.get(Fields.SHORT, place) & 0xffff;
        if (field == 0 || field != Checksum.fold(addresses + protocol + length)) {
            return false;
        }
        // the field itself carries the pseudo header's share of the sum
        int checksum = ~Checksum.fold(Checksum.sum(memory, at, length, 0)) & 0xffff;
        memory.set(Fields.SHORT, place, (short) (checksum == 0 && !tcp ? 0xffff : checksum));
        return true;
    }
}
