package org.jvs.linux;

import static org.jvs.linux.NetlinkMessage.FLAG_ACK;
import static org.jvs.linux.NetlinkMessage.FLAG_CREATE;
import static org.jvs.linux.NetlinkMessage.FLAG_DUMP;
import static org.jvs.linux.NetlinkMessage.FLAG_REPLACE;

import java.io.ByteArrayOutputStream;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;

/// Routes of one namespace, IPv4 and IPv6 alike, and the kernel's own answer to "which way?".
public final class Routes {
    private static final int PROTOCOL_BOOT = 3; // what `ip route add` says
    private static final int SCOPE_UNIVERSE = 0;
    private static final int SCOPE_LINK = 253;
    private static final int SCOPE_HOST = 254;
    private static final int SCOPE_NOWHERE = 255;
    private static final int RTA_SRC = 2;
    private static final int RTA_MARK = 16;

    private final NetlinkSocket socket;

    Routes(NetlinkSocket socket) {
        this.socket = socket;
    }

    /// All routes of a family in all tables, without the kernel's caches.
    public List<Route> list(Family family) {
        NetlinkMessage request =
                new NetlinkMessage(Rtnl.GETROUTE, FLAG_DUMP)
                        .u8(family.number())
                        .u8(0)
                        .u8(0)
                        .u8(0)
                        .u8(0)
                        .u8(0)
                        .u8(0)
                        .u8(0)
                        .u32(0);
        return socket.dump("list routes", request).stream()
                .filter(m -> m.type() == Rtnl.NEWROUTE)
                .map(m -> Route.parse(m.payload()))
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
    }

    /// Adds a route, or replaces the one of the same destination, metric and table.
    public void add(Route route) {
        add(route, false);
    }

    /// As [#add(Route)], with a say on whether the route's MTU may change.
    ///
    /// @param lockMtu whatever routers say, the MTU stays; IPv4 packets go without "don't fragment"
    public void add(Route route, boolean lockMtu) {
        socket.request(
                "add route " + route.destination(),
                message(Rtnl.NEWROUTE, FLAG_ACK | FLAG_CREATE | FLAG_REPLACE, route, lockMtu));
    }

    public void delete(Route route) {
        socket.request(
                "delete route " + route.destination(),
                message(Rtnl.DELROUTE, FLAG_ACK, route, false));
    }

    /// The kernel's answer to `ip route get`: type, gateway, interface and source address for a
    /// packet to `destination`, rules and marks considered. Empty if there is no route.
    public Optional<Route> lookup(Address destination) {
        return lookup(destination, null, 0, 0);
    }

    /// As [#lookup(Address)] for a packet of a certain source address, outgoing interface or mark.
    ///
    /// @param source null for any
    /// @param interfaceIndex 0 for any
    /// @param mark firewall mark, 0 for none
    public Optional<Route> lookup(
            Address destination, @Nullable Address source, int interfaceIndex, int mark) {
        int bits = destination.family().bits();
        NetlinkMessage request =
                new NetlinkMessage(Rtnl.GETROUTE, FLAG_ACK)
                        .u8(destination.family().number())
                        .u8(bits)
                        .u8(source == null ? 0 : bits)
                        .u8(0)
                        .u8(0)
                        .u8(0)
                        .u8(0)
                        .u8(0)
                        .u32(0)
                        .attr(Route.RTA_DST, destination);
        if (source != null) {
            request.attr(RTA_SRC, source);
        }
        if (interfaceIndex != 0) {
            request.attrU32(Route.RTA_OIF, interfaceIndex);
        }
        if (mark != 0) {
            request.attrU32(RTA_MARK, mark);
        }
        try {
            return socket.request("route to " + destination, request).stream()
                    .filter(m -> m.type() == Rtnl.NEWROUTE)
                    .map(m -> Route.parse(m.payload()))
                    .filter(Objects::nonNull)
                    .map(Objects::requireNonNull)
                    .findFirst();
        } catch (LinuxException e) {
            return switch (e.errno()) {
                case Errno.ENETUNREACH, Errno.EHOSTUNREACH, Errno.EACCES -> Optional.empty();
                default -> throw e;
            };
        }
    }

    /// `struct rtmsg`: family, destination and source lengths, TOS, table, protocol, scope, type,
    /// flags.
    private static NetlinkMessage message(int type, int flags, Route route, boolean lockMtu) {
        Prefix destination = route.destination();
        boolean delete = type == Rtnl.DELROUTE;
        NetlinkMessage message =
                new NetlinkMessage(type, flags)
                        .u8(destination.family().number())
                        .u8(destination.length())
                        .u8(0)
                        .u8(0)
                        .u8(route.table() < 256 ? route.table() : 0)
                        .u8(delete ? 0 : PROTOCOL_BOOT)
                        .u8(delete ? SCOPE_NOWHERE : scope(route))
                        .u8(route.type().number())
                        .u32(0)
                        .attr(Route.RTA_DST, destination.address())
                        .attrU32(Route.RTA_TABLE, route.table());
        gateway(message, route);
        if (route.interfaceIndex() != 0) {
            message.attrU32(Route.RTA_OIF, route.interfaceIndex());
        }
        Address source = route.preferredSource();
        if (source != null) {
            message.attr(Route.RTA_PREFSRC, source);
        }
        if (route.metric() != 0) {
            message.attrU32(Route.RTA_PRIORITY, route.metric());
        }
        if (route.mtu() != 0) {
            message.nest(
                    Route.RTA_METRICS,
                    m -> {
                        m.attrU32(Route.RTAX_MTU, route.mtu());
                        if (lockMtu) {
                            m.attrU32(Route.RTAX_LOCK, 1 << Route.RTAX_MTU);
                        }
                    });
        }
        return message;
    }

    private static void gateway(NetlinkMessage message, Route route) {
        Address gateway = route.gateway();
        if (gateway == null) {
            return;
        }
        if (gateway.family() == route.destination().family()) {
            message.attr(Route.RTA_GATEWAY, gateway);
            return;
        }
        // struct rtvia: the family as a 16-bit number in host order, then the address
        ByteArrayOutputStream via = new ByteArrayOutputStream();
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        via.write(little ? gateway.family().number() : 0);
        via.write(little ? 0 : gateway.family().number());
        via.writeBytes(gateway.toBytes());
        message.attr(Route.RTA_VIA, via.toByteArray());
    }

    private static int scope(Route route) {
        return switch (route.type()) {
            case LOCAL, NAT -> SCOPE_HOST;
            case BROADCAST, MULTICAST, ANYCAST -> SCOPE_LINK;
            case UNICAST, UNSPECIFIED ->
                    route.gateway() == null && !route.destination().address().isIpv6()
                            ? SCOPE_LINK
                            : SCOPE_UNIVERSE;
            default -> SCOPE_UNIVERSE;
        };
    }
}
