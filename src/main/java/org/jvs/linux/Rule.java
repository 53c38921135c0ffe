package org.jvs.linux;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;

/// A policy routing rule for packets that the host itself sends from one of its addresses: they are
/// routed by a table of their own, or by the next rule where that table has no route for them.
///
/// @param source the address that they are sent from
/// @param ipProtocol IP protocol number, 1..255
/// @param sourcePort in host order, 0 for any and for protocols without ports
/// @param table the routing table, see [Route#table()]
/// @param priority lower comes first; the host's own addresses (table local) are at 0
/// @param owner who made it, a number of `RTPROT_*`; 0 if nobody said so
public record Rule(
        Address source, int ipProtocol, int sourcePort, int table, int priority, int owner) {
    static final int FRA_SRC = 2;
    static final int FRA_IIFNAME = 3;
    static final int FRA_PRIORITY = 6;
    static final int FRA_TABLE = 15;
    static final int FRA_PROTOCOL = 21;
    static final int FRA_IP_PROTO = 22;
    static final int FRA_SPORT_RANGE = 23;

    /// Reads `struct fib_rule_hdr` (family, destination and source length, TOS, table, two reserved
    /// bytes, action, flags) and its attributes; null for rules of another form.
    static @Nullable Rule parse(ByteBuffer message) {
        int header = 12;
        if (message.remaining() < header) {
            return null;
        }
        NetlinkAttributes attributes =
                NetlinkAttributes.parse(message.slice(header, message.remaining() - header));
        Address source = attributes.address(FRA_SRC);
        if (source == null || (message.get(2) & 0xff) != source.family().bits()) {
            return null;
        }
        ByteBuffer ports = attributes.raw(FRA_SPORT_RANGE);
        return new Rule(
                source,
                attributes.u8(FRA_IP_PROTO, 0),
                ports == null || ports.remaining() < 2 ? 0 : ports.getShort(0) & 0xffff,
                attributes.u32(FRA_TABLE, message.get(4) & 0xff),
                attributes.u32(FRA_PRIORITY, 0),
                attributes.u8(FRA_PROTOCOL, 0));
    }
}
