package org.jvs.datapath.program;

import java.util.List;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;

/// What is configured at all. Code for what is not is not rendered; a configuration of another
/// shape needs another program, one of the same shape does not.
///
/// @param tunnelIpv4 tunnels to IPv4 addresses
/// @param tunnelIpv6 tunnels to IPv6 addresses
/// @param persistent connections may come from templates
/// @param pathMtuDiscovery the setting pmtu_disc: tunnel packets get the inner don't-fragment bit
public record Shape(
        boolean ipv4,
        boolean ipv6,
        boolean tcp,
        boolean udp,
        boolean nat,
        boolean direct,
        boolean tunnelIpv4,
        boolean tunnelIpv6,
        boolean persistent,
        boolean pathMtuDiscovery) {
    /// Everything that there is.
    public static final Shape ALL =
            new Shape(true, true, true, true, true, true, true, true, true, true);

    /// Of a director without services.
    ///
    /// @param pathMtuDiscovery the setting pmtu_disc
    public static Shape empty(boolean pathMtuDiscovery) {
        return new Shape(
                false, false, false, false, false, false, false, false, false, pathMtuDiscovery);
    }

    /// The shape of a configuration.
    public static Shape of(List<ServiceListing> services, boolean pathMtuDiscovery) {
        Shape shape = empty(pathMtuDiscovery);
        for (ServiceListing service : services) {
            shape = shape.with(service.spec());
            for (DestinationListing destination : service.destinations()) {
                shape = shape.with(destination.spec());
            }
        }
        return shape;
    }

    /// Whether any packet at all can be forwarded.
    public boolean isEmpty() {
        return !(ipv4 || ipv6) || !(tcp || udp) || !(nat || direct || tunnelIpv4 || tunnelIpv6);
    }

    /// With what a service needs.
    public Shape with(ServiceSpec spec) {
        boolean anyProtocol = spec.key().isMark();
        return new Shape(
                ipv4 || spec.key().family() == Family.IPV4,
                ipv6 || spec.key().family() == Family.IPV6,
                tcp || anyProtocol || spec.key().protocol() == Protocol.TCP,
                udp || anyProtocol || spec.key().protocol() == Protocol.UDP,
                nat,
                direct,
                tunnelIpv4,
                tunnelIpv6,
                persistent || (spec.flags() & ServiceSpec.PERSISTENT) != 0,
                pathMtuDiscovery);
    }

    /// With what a destination needs.
    public Shape with(DestinationSpec spec) {
        boolean toIpv6 = spec.address().isIpv6();
        ForwardingMethod method = spec.method();
        return new Shape(
                ipv4,
                ipv6,
                tcp,
                udp,
                nat || method == ForwardingMethod.NAT,
                direct || method == ForwardingMethod.DIRECT,
                tunnelIpv4 || method == ForwardingMethod.TUNNEL && !toIpv6,
                tunnelIpv6 || method == ForwardingMethod.TUNNEL && toIpv6,
                persistent,
                pathMtuDiscovery);
    }

    boolean tunnel() {
        return tunnelIpv4 || tunnelIpv6;
    }
}
