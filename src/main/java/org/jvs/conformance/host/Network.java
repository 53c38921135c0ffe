package org.jvs.conformance.host;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.jvs.core.engine.Host;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;

/**
 * Interfaces, addresses, routes and neighbours of the director that the recordings were made on,
 * and the path MTUs it learned. The kernel's rules for choosing a route and a source address.
 */
public final class Network implements Host {
    /** The kernel's net.ipv4.route.min_pmtu. */
    private static final int MIN_PATH_MTU = 552;

    /** Where scripted hosts are: the leg of the recordings and the Ethernet address. */
    public record Neighbour(String leg, String mac) {}

    /**
     * A route.
     *
     * @param local whether what it covers is delivered to this machine
     * @param gateway null where the destination is on the link
     */
    public record Route(Prefix prefix, boolean local, String device, @Nullable Address gateway) {}

    /** A network interface with its own addresses, in the kernel's order. */
    private static final class Interface {
        final List<Prefix> addresses = new ArrayList<>();
        int mtu;

        Interface(int mtu) {
            this.mtu = mtu;
        }
    }

    private final Map<String, Interface> interfaces = new LinkedHashMap<>();
    private final List<Route> routes = new ArrayList<>();
    private final Map<Address, Neighbour> neighbours = new HashMap<>();
    private final Map<Address, Integer> learned = new HashMap<>();
    private int version;

    private Network() {}

    /** The machine of the recordings: {@code README.md} of the oracle has the picture. */
    public static Network ofTheLab() {
        Network network = new Network();
        network.addInterface("lo", 65536, "127.0.0.1/8", "::1/128");
        network.addInterface(
                "eth0",
                1500,
                "10.10.1.1/24",
                "10.10.1.100/32",
                "fd00:10:1::1/64",
                "fd00:10:1::100/128");
        network.addInterface("eth1", 1500, "10.10.2.1/24", "fd00:10:2::1/64");
        network.addRoute("172.16.0.0/12", false, "eth0", "10.10.1.254");
        network.addRoute("fd00:c::/32", false, "eth0", "fd00:10:1::254");
        Neighbour client = new Neighbour("client", Lan.CLIENT_MAC);
        for (int i = 50; i < 60; i++) {
            network.neighbours.put(Address.parse("10.10.1." + i), client);
            network.neighbours.put(Address.parse("fd00:10:1::" + i), client);
        }
        network.neighbours.put(Address.parse("10.10.1.254"), client);
        network.neighbours.put(Address.parse("fd00:10:1::254"), client);
        for (Lan.Server server : Lan.SERVERS) {
            Neighbour there = new Neighbour(server.leg(), server.mac());
            network.neighbours.put(server.ipv4(), there);
            network.neighbours.put(server.ipv6(), there);
        }
        return network;
    }

    private void addInterface(String name, int mtu, String... addresses) {
        Interface added = new Interface(mtu);
        interfaces.put(name, added);
        for (String text : addresses) {
            Prefix prefix = Prefix.parse(text, Family.IPV4);
            // The kernel lists IPv6 addresses newest first, IPv4 addresses in order.
            added.addresses.add(prefix.address().isIpv6() ? 0 : added.addresses.size(), prefix);
            int whole = prefix.address().family().bits();
            routes.add(new Route(new Prefix(prefix.address(), whole), true, "lo", null));
            if (prefix.bits() < whole) {
                routes.add(new Route(prefix, name.equals("lo"), name, null));
            }
        }
    }

    private void addRoute(String prefix, boolean local, String device, String gateway) {
        replaceRoute(
                new Route(
                        Prefix.parse(prefix, Family.IPV4), local, device, Address.parse(gateway)));
    }

    /** Adds a route, in place of one for the same addresses. */
    public void replaceRoute(Route route) {
        removeRoute(route.prefix());
        routes.add(route);
        version++;
    }

    /** Removes the routes for some addresses; false where there were none. */
    public boolean removeRoute(Prefix prefix) {
        version++;
        return routes.removeIf(route -> route.prefix().equals(prefix));
    }

    @Override
    public boolean isAssigned(boolean ipv6, long hi, long lo) {
        Address wanted = new Address(ipv6 ? Family.IPV6 : Family.IPV4, hi, lo);
        return interfaces.values().stream()
                .flatMap(each -> each.addresses.stream())
                .anyMatch(prefix -> prefix.address().equals(wanted));
    }

    @Override
    public int interfaceMtu(String name) {
        Interface found = interfaces.get(name);
        return found == null ? -1 : found.mtu;
    }

    /** Sets the MTU of an interface; false where there is no such interface. */
    public boolean setMtu(String device, int mtu) {
        Interface found = interfaces.get(device);
        if (found == null) {
            return false;
        }
        found.mtu = mtu;
        version++;
        return true;
    }

    /** Whether there is such an interface. */
    public boolean hasInterface(String device) {
        return interfaces.containsKey(device);
    }

    /** The most specific route to an address, or null. */
    public @Nullable Route route(Address to) {
        Route best = null;
        for (Route route : routes) {
            if (route.prefix().contains(to)
                    && (best == null || route.prefix().bits() > best.prefix().bits())) {
                best = route;
            }
        }
        return best;
    }

    /** Whether packets to an address are delivered to this machine. */
    public boolean isLocal(Address address) {
        Route route = route(address);
        return route != null && route.local();
    }

    /** Whether an address belongs to an interface, which is less than being delivered here. */
    public boolean isOwnAddress(Address address) {
        return interfaces.values().stream()
                .flatMap(i -> i.addresses.stream())
                .anyMatch(prefix -> prefix.address().equals(address));
    }

    /** The MTU towards an address, 0 where there is no route. */
    public int mtu(Address to) {
        Route route = route(to);
        Interface device = route == null ? null : interfaces.get(route.device());
        if (device == null) {
            return 0;
        }
        Integer path = learned.get(to);
        return path == null ? device.mtu : Math.min(path, device.mtu);
    }

    @Override
    public void learnMtu(boolean ipv6, long hi, long lo, int mtu, long nowMs) {
        learned.merge(address(ipv6, hi, lo), Math.max(mtu, MIN_PATH_MTU), Math::min);
        version++;
    }

    /** Forgets the path MTUs of a family. */
    public void forgetMtus(Family family) {
        version++;
        learned.keySet().removeIf(address -> address.family() == family);
    }

    /** Where frames for an address go, or null where nobody answers. */
    public @Nullable Neighbour neighbour(Address to) {
        Route route = route(to);
        if (route == null || route.local()) {
            return null;
        }
        return neighbours.get(route.gateway() == null ? to : route.gateway());
    }

    /** The source address for packets to an address, or null where there is no route. */
    public @Nullable Address source(Address to) {
        Route route = route(to);
        if (route == null) {
            return null;
        }
        if (route.local()) {
            return to;
        }
        Interface device = interfaces.get(route.device());
        Address nextHop = route.gateway() == null ? to : route.gateway();
        Prefix best = null;
        int bestBits = -1;
        for (Prefix own : device == null ? List.<Prefix>of() : device.addresses) {
            if (own.address().family() != to.family()) {
                continue;
            }
            if (!to.isIpv6()) {
                if (own.contains(nextHop)) {
                    return own.address();
                }
                continue;
            }
            // RFC 6724 rule 8: the longest common prefix, no longer than that of the address.
            int bits = Math.min(own.bits(), Prefix.commonBits(own.address(), to));
            if (bits > bestBits) {
                best = own;
                bestBits = bits;
            }
        }
        return best == null ? null : best.address();
    }

    private static Address address(boolean ipv6, long hi, long lo) {
        return new Address(ipv6 ? Family.IPV6 : Family.IPV4, hi, lo);
    }

    @Override
    public int version() {
        return version;
    }

    @Override
    public boolean isLocal(boolean ipv6, long hi, long lo) {
        return isLocal(address(ipv6, hi, lo));
    }

    @Override
    public int mtu(boolean ipv6, long hi, long lo) {
        return mtu(address(ipv6, hi, lo));
    }

    @Override
    public boolean source(boolean ipv6, long hi, long lo, Source result) {
        Address source = source(address(ipv6, hi, lo));
        if (source == null) {
            return false;
        }
        result.hi = source.hi();
        result.lo = source.lo();
        return true;
    }
}
