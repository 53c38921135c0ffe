package org.jvs.core.wire;

import java.lang.foreign.MemorySegment;
import org.jvs.core.net.Protocol;
import org.jvs.core.sched.Flow;

/**
 * One IP packet in a larger piece of memory, with room before it for an outer header. The same
 * object is used for packet after packet: {@link #wrap} points it at the bytes, {@link #parse}
 * reads and checks the headers. After a successful parse no getter or setter leaves the packet.
 *
 * <p>The engine writes its answer here too: {@link #nextHopHi next hop}, {@link #mtu}, {@link
 * #reason}.
 */
public final class Packet implements Flow {
    /**
     * Room before the packet that an encapsulating director may need: an IPv6 header, UDP and GUE.
     */
    public static final int HEADROOM = 64;

    /** Extension headers are followed this far; longer chains are not IPVS's business. */
    private static final int MAX_EXTENSION_HEADERS = 8;

    private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

    private MemorySegment memory = NOTHING;
    private long start;
    private int length;
    private int headroom;
    private int room;

    private boolean ipv6;
    private int protocol;
    private int l4;
    private long sourceHi;
    private long sourceLo;
    private long destinationHi;
    private long destinationLo;
    private int sourcePort;
    private int destinationPort;
    private boolean fragment;
    private boolean laterFragment;
    private boolean hasPorts;

    /** Firewall mark of the packet, 0 if none. */
    public int mark;

    /** Index of the interface it came in on, 0 if unknown; for the datapath's own use. */
    public int inInterface;

    /** The machine itself sent it and did not route it: its time to live stays as it is. */
    public boolean fromHost;

    /**
     * Where a packet with verdict FORWARD or REPLY goes: an address on the wire's next router or
     * the host itself.
     */
    public boolean nextHopIpv6;

    public long nextHopHi;
    public long nextHopLo;

    /** MTU of the way out in bytes; a longer packet with verdict FORWARD has to be fragmented. */
    public int mtu;

    /** Why the verdict is what it is. */
    public Reason reason = Reason.NONE;

    /**
     * Points at a packet.
     *
     * @param start offset of the first byte of the IP header within {@code memory}
     * @param length bytes of the packet, link-layer padding included
     * @param headroom bytes before {@code start} that may be overwritten
     * @param room bytes from {@code start} on that may be overwritten, at least {@code length}
     */
    public void wrap(MemorySegment memory, long start, int length, int headroom, int room) {
        this.memory = memory;
        this.start = start;
        this.length = length;
        this.headroom = headroom;
        this.room = room;
        mark = 0;
        inInterface = 0;
        fromHost = false;
        mtu = 0;
        nextHopIpv6 = false;
        nextHopHi = 0;
        nextHopLo = 0;
        reason = Reason.NONE;
    }

    /**
     * Reads the headers. Link-layer padding is cut off: {@link #length} becomes what the IP header
     * says.
     *
     * @return {@link Reason#NONE} if the packet is well-formed as far as a director must know
     */
    public Reason parse() {
        protocol = -1;
        l4 = 0;
        sourcePort = 0;
        destinationPort = 0;
        fragment = false;
        laterFragment = false;
        hasPorts = false;
        if (length < Ip.V4_HEADER) {
            return Reason.TRUNCATED;
        }
        int version = u8(0) >>> 4;
        Reason bad = version == 4 ? parseV4() : version == 6 ? parseV6() : Reason.BAD_HEADER;
        if (bad != Reason.NONE || laterFragment) {
            return bad;
        }
        return parseTransport();
    }

    /**
     * Reads addresses, protocol and ports of the plainest packets only: TCP or UDP right behind a
     * header without options. Checks nothing else; for a glance ahead.
     *
     * @return false if the packet is not of that kind
     */
    public boolean glance() {
        if (length < Ip.V4_HEADER + Ip.UDP_HEADER) {
            return false;
        }
        int first = u8(0);
        if (first == 0x45) {
            ipv6 = false;
            protocol = u8(Ip.V4_PROTOCOL);
            sourceHi = 0;
            sourceLo = u32(Ip.V4_SOURCE);
            destinationHi = 0;
            destinationLo = u32(Ip.V4_DESTINATION);
            l4 = Ip.V4_HEADER;
        } else if (first >>> 4 == 6 && length >= Ip.V6_HEADER + Ip.UDP_HEADER) {
            ipv6 = true;
            protocol = u8(Ip.V6_NEXT_HEADER);
            sourceHi = u64(Ip.V6_SOURCE);
            sourceLo = u64(Ip.V6_SOURCE + 8);
            destinationHi = u64(Ip.V6_DESTINATION);
            destinationLo = u64(Ip.V6_DESTINATION + 8);
            l4 = Ip.V6_HEADER;
        } else {
            return false;
        }
        sourcePort = u16(l4);
        destinationPort = u16(l4 + 2);
        return protocol == Protocol.TCP || protocol == Protocol.UDP;
    }

    /**
     * As {@link #parse} for a packet that an ICMP error quoted: it may be cut short after its IP
     * header.
     */
    public Reason parseQuoted() {
        fragment = false;
        laterFragment = false;
        hasPorts = false;
        if (length < Ip.V4_HEADER || u8(0) >>> 4 != 4) {
            return Reason.BAD_HEADER;
        }
        int header = (u8(0) & 15) * 4;
        if (header < Ip.V4_HEADER || header > length) {
            return Reason.BAD_HEADER;
        }
        ipv6 = false;
        l4 = header;
        protocol = u8(Ip.V4_PROTOCOL);
        sourceHi = 0;
        sourceLo = u32(Ip.V4_SOURCE);
        destinationHi = 0;
        destinationLo = u32(Ip.V4_DESTINATION);
        return Reason.NONE;
    }

    private Reason parseV4() {
        ipv6 = false;
        // eight bytes at a time, as every read has its bounds checked:
        // version, header length, TOS, total length, ID, flags and offset
        long first = u64(0);
        // TTL, protocol, checksum, source
        long second = u64(Ip.V4_TTL);
        int header = (int) (first >>> 56 & 15) * 4;
        int total = (int) (first >>> 32) & 0xffff;
        if (header < Ip.V4_HEADER || total < header) {
            return Reason.BAD_HEADER;
        }
        if (total > length) {
            return Reason.TRUNCATED;
        }
        int sum =
                header == Ip.V4_HEADER
                        ? Checksum.sumOfHeader(memory, start)
                        : Checksum.fold(sum(0, header));
        if (sum != 0xffff) {
            return Reason.BAD_HEADER;
        }
        length = total;
        l4 = header;
        protocol = (int) (second >>> 48) & 0xff;
        sourceHi = 0;
        sourceLo = second & 0xffffffffL;
        destinationHi = 0;
        destinationLo = u32(Ip.V4_DESTINATION);
        int flags = (int) first & 0xffff;
        fragment = (flags & (Ip.MORE_FRAGMENTS | Ip.FRAGMENT_OFFSET)) != 0;
        laterFragment = (flags & Ip.FRAGMENT_OFFSET) != 0;
        return Reason.NONE;
    }

    private Reason parseV6() {
        ipv6 = true;
        if (length < Ip.V6_HEADER) {
            return Reason.TRUNCATED;
        }
        int total = Ip.V6_HEADER + u16(Ip.V6_PAYLOAD_LENGTH);
        if (total > length) {
            return Reason.TRUNCATED;
        }
        length = total;
        sourceHi = u64(Ip.V6_SOURCE);
        sourceLo = u64(Ip.V6_SOURCE + 8);
        destinationHi = u64(Ip.V6_DESTINATION);
        destinationLo = u64(Ip.V6_DESTINATION + 8);
        int next = u8(Ip.V6_NEXT_HEADER);
        int at = Ip.V6_HEADER;
        for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
            if (next != Ip.HOP_BY_HOP
                    && next != Ip.ROUTING
                    && next != Ip.FRAGMENT
                    && next != Ip.AUTHENTICATION
                    && next != Ip.DESTINATION_OPTIONS) {
                protocol = next;
                l4 = at;
                return Reason.NONE;
            }
            if (at + 8 > length) {
                return Reason.TRUNCATED;
            }
            if (next == Ip.FRAGMENT) {
                int offsetAndMore = u16(at + 2);
                fragment = (offsetAndMore & 0xfff9) != 0;
                laterFragment = (offsetAndMore & 0xfff8) != 0;
            }
            int size =
                    switch (next) {
                        case Ip.FRAGMENT -> 8;
                        // RFC 4302 section 2.2: in words of four bytes, less two
                        case Ip.AUTHENTICATION -> (u8(at + 1) + 2) * 4;
                        default -> (u8(at + 1) + 1) * 8;
                    };
            next = u8(at);
            at += size;
            if (laterFragment) {
                protocol = next;
                l4 = Math.min(at, length);
                return Reason.NONE;
            }
            if (at > length) {
                return Reason.TRUNCATED;
            }
        }
        return Reason.BAD_HEADER;
    }

    private Reason parseTransport() {
        int left = length - l4;
        switch (protocol) {
            case Protocol.TCP -> {
                // Where the options end is the business of the ends, for the kernel too.
                if (left < Ip.TCP_HEADER) {
                    return Reason.TRUNCATED;
                }
            }
            case Protocol.UDP -> {
                if (left < Ip.UDP_HEADER) {
                    return Reason.TRUNCATED;
                }
            }
            case Protocol.SCTP -> {
                if (left < 12) {
                    return Reason.TRUNCATED;
                }
            }
            default -> {
                return Reason.NONE;
            }
        }
        int ports = (int) u32(l4);
        sourcePort = ports >>> 16;
        destinationPort = ports & 0xffff;
        hasPorts = true;
        return Reason.NONE;
    }

    /** The memory the packet lies in. */
    public MemorySegment memory() {
        return memory;
    }

    /** Offset of the IP header in {@link #memory}. */
    public long start() {
        return start;
    }

    /** Length in bytes, from the IP header on. */
    public int length() {
        return length;
    }

    /** Bytes free before the packet. */
    public int headroom() {
        return headroom;
    }

    /** Bytes usable from {@link #start} on. */
    public int room() {
        return room;
    }

    /** Moves the start of the packet back by {@code bytes} of headroom, for an outer header. */
    public void prepend(int bytes) {
        start -= bytes;
        length += bytes;
        headroom -= bytes;
        room += bytes;
    }

    /** Sets the length, after the contents were replaced. */
    public void setLength(int bytes) {
        length = bytes;
    }

    @Override
    public boolean isIpv6() {
        return ipv6;
    }

    /** Transport protocol, after IPv6 extension headers. */
    @Override
    public int protocol() {
        return protocol;
    }

    /** Offset of the transport header from the IP header. */
    public int transport() {
        return l4;
    }

    /** Whether it is one fragment of several. */
    public boolean isFragment() {
        return fragment;
    }

    /** Whether it is a fragment without the transport header. */
    public boolean isLaterFragment() {
        return laterFragment;
    }

    /** Whether a transport header with ports was read. */
    public boolean hasPorts() {
        return hasPorts;
    }

    @Override
    public long sourceHi() {
        return sourceHi;
    }

    @Override
    public long sourceLo() {
        return sourceLo;
    }

    @Override
    public int sourcePort() {
        return sourcePort;
    }

    @Override
    public long destinationHi() {
        return destinationHi;
    }

    @Override
    public long destinationLo() {
        return destinationLo;
    }

    @Override
    public int destinationPort() {
        return destinationPort;
    }

    /** TCP flags; only for TCP. */
    public int tcpFlags() {
        return u8(l4 + Ip.TCP_FLAGS);
    }

    /** TTL or hop limit. */
    public int ttl() {
        return u8(ipv6 ? Ip.V6_HOP_LIMIT : Ip.V4_TTL);
    }

    /** Whether IPv4's don't-fragment bit is set; IPv6 never fragments on the way. */
    public boolean dontFragment() {
        return ipv6 || (u16(Ip.V4_FRAGMENT) & Ip.DONT_FRAGMENT) != 0;
    }

    /** An unsigned byte at an offset from the IP header. */
    public int u8(int at) {
        return memory.get(Fields.BYTE, start + at) & 0xff;
    }

    /** An unsigned 16-bit field. */
    public int u16(int at) {
        return memory.get(Fields.SHORT, start + at) & 0xffff;
    }

    /** An unsigned 32-bit field. */
    public long u32(int at) {
        return memory.get(Fields.INT, start + at) & 0xffffffffL;
    }

    /** A 64-bit field. */
    public long u64(int at) {
        return memory.get(Fields.LONG, start + at);
    }

    public void putU8(int at, int value) {
        memory.set(Fields.BYTE, start + at, (byte) value);
    }

    public void putU16(int at, int value) {
        memory.set(Fields.SHORT, start + at, (short) value);
    }

    public void putU32(int at, long value) {
        memory.set(Fields.INT, start + at, (int) value);
    }

    public void putU64(int at, long value) {
        memory.set(Fields.LONG, start + at, value);
    }

    /** The sum of 16-bit words of a part of the packet. */
    public long sum(int at, int bytes) {
        return Checksum.sum(memory, start + at, bytes, 0);
    }

    /** Moves bytes within the packet's room; ranges may overlap. */
    public void move(int from, int to, int bytes) {
        MemorySegment.copy(memory, start + from, memory, start + to, bytes);
    }

    /** Fills a part with zero bytes. */
    public void clear(int at, int bytes) {
        memory.asSlice(start + at, bytes).fill((byte) 0);
    }

    /** The bytes of the packet, for tests and captures. */
    public byte[] toBytes() {
        return memory.asSlice(start, length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }
}
