package org.jvs.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;

/// A route, to be made or as the kernel has it.
///
/// @param destination `0.0.0.0/0` or `::/0` for the default route
/// @param gateway null for destinations on the link; may be IPv6 for an IPv4 destination (RFC 5549)
/// @param interfaceIndex outgoing interface, 0 if none is named
/// @param preferredSource the source address the host would use, null if none is set
/// @param metric priority, lower wins; 0 for the kernel's default
/// @param table [#MAIN], [#LOCAL] or another
/// @param mtu path MTU in bytes that the route carries, 0 for none
/// @param nextHops more than one for multipath routes, else empty; [Routes#add] does not make such
public record Route(
        Type type,
        Prefix destination,
        @Nullable Address gateway,
        int interfaceIndex,
        @Nullable Address preferredSource,
        int metric,
        int table,
        int mtu,
        List<NextHop> nextHops) {
    /// The routing table that `ip route` shows.
    public static final int MAIN = 254;

    /// The routing table of the host's own addresses.
    public static final int LOCAL = 255;

    /// What the kernel does with a packet that matches; numbers are `RTN_*`.
    public enum Type {
        UNSPECIFIED(0),
        UNICAST(1),
        LOCAL(2),
        BROADCAST(3),
        ANYCAST(4),
        MULTICAST(5),
        BLACKHOLE(6),
        UNREACHABLE(7),
        PROHIBIT(8),
        THROW(9),
        NAT(10),
        RESOLVE(11);

        private final int number;

        Type(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /// One leg of a multipath route.
    ///
    /// @param weight 1 to 256
    public record NextHop(int interfaceIndex, @Nullable Address gateway, int weight) {}

    static final int RTA_DST = 1;
    static final int RTA_OIF = 4;
    static final int RTA_GATEWAY = 5;
    static final int RTA_PRIORITY = 6;
    static final int RTA_PREFSRC = 7;
    static final int RTA_METRICS = 8;
    static final int RTA_MULTIPATH = 9;
    static final int RTA_TABLE = 15;
    static final int RTA_VIA = 18;
    static final int RTAX_LOCK = 1;
    static final int RTAX_MTU = 2;

    /// A route to what is on an interface's link.
    public static Route onLink(Prefix destination, int interfaceIndex) {
        return new Route(
                Type.UNICAST, destination, null, interfaceIndex, null, 0, MAIN, 0, List.of());
    }

    /// A route by a gateway; the kernel finds the interface.
    public static Route via(Prefix destination, Address gateway) {
        return new Route(Type.UNICAST, destination, gateway, 0, null, 0, MAIN, 0, List.of());
    }

    /// A `local` route: packets to the destination are the host's own, without an address
    /// configured.
    public static Route local(Prefix destination, int interfaceIndex) {
        return new Route(
                Type.LOCAL, destination, null, interfaceIndex, null, 0, LOCAL, 0, List.of());
    }

    public Route withInterface(int index) {
        return new Route(
                type, destination, gateway, index, preferredSource, metric, table, mtu, nextHops);
    }

    public Route withMetric(int priority) {
        return new Route(
                type,
                destination,
                gateway,
                interfaceIndex,
                preferredSource,
                priority,
                table,
                mtu,
                nextHops);
    }

    public Route withPreferredSource(Address source) {
        return new Route(
                type, destination, gateway, interfaceIndex, source, metric, table, mtu, nextHops);
    }

    public Route withTable(int number) {
        return new Route(
                type,
                destination,
                gateway,
                interfaceIndex,
                preferredSource,
                metric,
                number,
                mtu,
                nextHops);
    }

    public Route withMtu(int bytes) {
        return new Route(
                type,
                destination,
                gateway,
                interfaceIndex,
                preferredSource,
                metric,
                table,
                bytes,
                nextHops);
    }

    /// Takes an RTM_NEWROUTE or RTM_DELROUTE apart: `struct rtmsg`, then attributes; null for
    /// families other than IP.
    static @Nullable Route parse(ByteBuffer message) {
        Family family =
                switch (message.get(0)) {
                    case 2 -> Family.IPV4;
                    case 10 -> Family.IPV6;
                    default -> null;
                };
        if (family == null) {
            return null;
        }
        NetlinkAttributes attributes =
                NetlinkAttributes.parse(message.slice(12, message.remaining() - 12));
        Address destination = attributes.address(RTA_DST);
        int type = message.get(7) & 0xff;
        Type[] types = Type.values();
        return new Route(
                type < types.length ? types[type] : Type.UNSPECIFIED,
                destination == null
                        ? Prefix.any(family)
                        : new Prefix(destination, message.get(1) & 0xff),
                gateway(attributes),
                attributes.u32(RTA_OIF, 0),
                attributes.address(RTA_PREFSRC),
                attributes.u32(RTA_PRIORITY, 0),
                attributes.u32(RTA_TABLE, message.get(4) & 0xff),
                attributes.nested(RTA_METRICS).u32(RTAX_MTU, 0),
                nextHops(attributes.raw(RTA_MULTIPATH)));
    }

    private static @Nullable Address gateway(NetlinkAttributes attributes) {
        byte[] via = attributes.bytes(RTA_VIA);
        if (via != null && (via.length == 6 || via.length == 18)) {
            return Address.ofBytes(Arrays.copyOfRange(via, 2, via.length)); // after the family
        }
        return attributes.address(RTA_GATEWAY);
    }

    /// `struct rtnexthop` (length, flags, hops, interface), each followed by attributes.
    private static List<NextHop> nextHops(@Nullable ByteBuffer raw) {
        if (raw == null) {
            return List.of();
        }
        List<NextHop> hops = new ArrayList<>();
        int at = 0;
        while (at + 8 <= raw.limit()) {
            int length = raw.getShort(at) & 0xffff;
            if (length < 8 || length > raw.limit() - at) {
                break;
            }
            ByteBuffer rest = raw.slice(at + 8, length - 8).order(ByteOrder.nativeOrder());
            hops.add(
                    new NextHop(
                            raw.getInt(at + 4),
                            gateway(NetlinkAttributes.parse(rest)),
                            (raw.get(at + 3) & 0xff) + 1));
            at += length + 3 & ~3;
        }
        return List.copyOf(hops);
    }
}
