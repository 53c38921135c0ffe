package org.jvs.datapath;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jvs.core.engine.Host;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.linux.InterfaceAddress;
import org.jvs.linux.Link;
import org.jvs.linux.Route;

/// The kernel's links, addresses, routes and neighbours as [NetworkWatcher] last published them.
/// Look-ups take any thread, allocate nothing and see one state.
///
/// Tables are asked as the kernel's default rules do: local, main, default; the lowest metric wins,
/// of several next hops the first one whose link is up. Policy rules, marks and type of service do
/// not count. Path MTUs are not the kernel's: the host hears nothing of what routers say about
/// JVS's tunnels, so they are kept here, as the kernel keeps them.
public final class HostTables implements Host {
    private static final int DEFAULT_TABLE = 253;

    /// Stands for "nothing in this table", which is what the kernel's throw routes say too.
    private static final Route NONE =
            new Route(
                    Route.Type.THROW,
                    org.jvs.linux.Prefix.any(Family.IPV4),
                    null,
                    0,
                    null,
                    0,
                    0,
                    0,
                    List.of());

    /// All but the neighbours. Immutable.
    static final class Snapshot {
        final int version;
        final ByIndex<Link> links;

        /// Those of each interface, in the kernel's order.
        final ByIndex<List<InterfaceAddress>> addresses;

        final RouteTable[] ipv4;
        final RouteTable[] ipv6;
        final List<Address> local;

        Snapshot(
                int version,
                List<Link> links,
                List<InterfaceAddress> addresses,
                List<Route> ipv4Routes,
                List<Route> ipv6Routes) {
            this.version = version;
            this.links = new ByIndex<>(links, Link::index);
            this.addresses =
                    new ByIndex<>(
                            List.copyOf(
                                    addresses.stream()
                                            .collect(
                                                    Collectors.groupingBy(
                                                            InterfaceAddress::interfaceIndex))
                                            .values()),
                            each -> each.getFirst().interfaceIndex());
            ipv4 = tables(Family.IPV4, ipv4Routes);
            ipv6 = tables(Family.IPV6, ipv6Routes);
            Set<Address> found = new HashSet<>();
            for (List<Route> routes : List.of(ipv4Routes, ipv6Routes)) {
                for (Route route : routes) {
                    int bits = route.destination().family().bits();
                    if (route.type() == Route.Type.LOCAL && route.destination().length() == bits) {
                        found.add(route.destination().address());
                    }
                }
            }
            local = List.copyOf(found);
        }

        private static RouteTable[] tables(Family family, List<Route> routes) {
            return new RouteTable[] {
                RouteTable.of(family, Route.LOCAL, routes),
                RouteTable.of(family, Route.MAIN, routes),
                RouteTable.of(family, DEFAULT_TABLE, routes)
            };
        }

        Route route(boolean v6, long hi, long lo) {
            for (RouteTable table : v6 ? ipv6 : ipv4) {
                Route found = table.find(hi, lo, NONE);
                if (found.type() != Route.Type.THROW) {
                    return found;
                }
            }
            return NONE;
        }

        boolean isUp(int interfaceIndex) {
            Link link = links.get(interfaceIndex);
            return link != null && link.isUp();
        }
    }

    private volatile Snapshot now = new Snapshot(1, List.of(), List.of(), List.of(), List.of());
    private volatile NeighbourTable neighbours = NeighbourTable.EMPTY;

    private volatile PathMtus pathMtus = PathMtus.EMPTY;

    Snapshot snapshot() {
        return now;
    }

    NeighbourTable neighbours() {
        return neighbours;
    }

    void publish(Snapshot snapshot) {
        now = snapshot;
    }

    void publish(NeighbourTable table) {
        neighbours = table;
    }

    /// The single addresses that are delivered to this machine.
    List<Address> localAddresses() {
        return now.local;
    }

    @Override
    public int version() {
        // both only rise, so that no sum comes twice
        return now.version + pathMtus.version();
    }

    @Override
    public boolean isLocal(boolean ipv6, long hi, long lo) {
        return now.route(ipv6, hi, lo).type() == Route.Type.LOCAL;
    }

    @Override
    public boolean isAssigned(boolean ipv6, long hi, long lo) {
        for (List<InterfaceAddress> onInterface : now.addresses.values()) {
            for (InterfaceAddress each : onInterface) {
                Address address = each.prefix().address();
                if (address.lo() == lo && address.hi() == hi && address.isIpv6() == ipv6) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public int mtu(boolean ipv6, long hi, long lo) {
        Snapshot snapshot = now;
        Route route = snapshot.route(ipv6, hi, lo);
        if (route.type() != Route.Type.UNICAST && route.type() != Route.Type.LOCAL) {
            return 0;
        }
        Link link = snapshot.links.get(interfaceOf(snapshot, route));
        if (link == null) {
            return 0;
        }
        return pathMtus.limit(ipv6, hi, lo, route.mtu() != 0 ? route.mtu() : link.mtu());
    }

    @Override
    public synchronized void learnMtu(boolean ipv6, long hi, long lo, int mtu, long nowMs) {
        int known = mtu(ipv6, hi, lo);
        if (known > 0 && mtu <= known) {
            pathMtus = pathMtus.with(ipv6, hi, lo, mtu, nowMs);
        }
    }

    /// Forgets path MTUs that were learned ten minutes ago; to be called every second or so.
    synchronized void advance(long nowMs) {
        pathMtus = pathMtus.at(nowMs);
    }

    @Override
    public int interfaceMtu(String name) {
        for (Link link : now.links.values()) {
            if (link.name().equals(name)) {
                return link.mtu();
            }
        }
        return -1;
    }

    private static int interfaceOf(Snapshot snapshot, Route route) {
        List<Route.NextHop> hops = route.nextHops();
        if (hops.isEmpty()) {
            return route.interfaceIndex();
        }
        Route.NextHop hop = hop(snapshot, hops);
        return hop.interfaceIndex();
    }

    private static Route.NextHop hop(Snapshot snapshot, List<Route.NextHop> hops) {
        for (int i = 0; i < hops.size(); i++) {
            if (snapshot.isUp(hops.get(i).interfaceIndex())) {
                return hops.get(i);
            }
        }
        return hops.getFirst();
    }

    /// Finds the interface and the neighbour that packets to an address go to.
    ///
    /// @return false if there is no route, or it ends here
    boolean nextHop(boolean ipv6, long hi, long lo, NextHop result) {
        Snapshot snapshot = now;
        Route route = snapshot.route(ipv6, hi, lo);
        if (route.type() != Route.Type.UNICAST) {
            return false;
        }
        Address gateway = route.gateway();
        result.interfaceIndex = route.interfaceIndex();
        if (!route.nextHops().isEmpty()) {
            Route.NextHop hop = hop(snapshot, route.nextHops());
            gateway = hop.gateway();
            result.interfaceIndex = hop.interfaceIndex();
        }
        result.ipv6 = gateway == null ? ipv6 : gateway.isIpv6();
        result.hi = gateway == null ? hi : gateway.hi();
        result.lo = gateway == null ? lo : gateway.lo();
        return true;
    }

    @Override
    public boolean source(boolean ipv6, long hi, long lo, Source result) {
        Snapshot snapshot = now;
        Route route = snapshot.route(ipv6, hi, lo);
        if (route.type() == Route.Type.LOCAL) {
            result.hi = hi;
            result.lo = lo;
            return true;
        }
        if (route.type() != Route.Type.UNICAST) {
            return false;
        }
        Address preferred = route.preferredSource();
        if (preferred == null) {
            preferred = SourceAddress.select(snapshot, interfaceOf(snapshot, route), ipv6, hi, lo);
        }
        if (preferred == null) {
            return false;
        }
        result.hi = preferred.hi();
        result.lo = preferred.lo();
        return true;
    }
}
