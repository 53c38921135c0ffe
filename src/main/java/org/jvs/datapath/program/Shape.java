package org.jvs.datapath.program;

import java.util.List;
import org.jvs.core.admin.DestinationListing;
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

    /// The shape of a configuration.
    public static Shape of(List<ServiceListing> services, boolean pathMtuDiscovery) {
        boolean ipv4 = false;
        boolean ipv6 = false;
        boolean tcp = false;
        boolean udp = false;
        boolean nat = false;
        boolean direct = false;
        boolean tunnelIpv4 = false;
        boolean tunnelIpv6 = false;
        boolean persistent = false;
        for (ServiceListing service : services) {
            ServiceSpec spec = service.spec();
            boolean anyProtocol = spec.key().isMark();
            ipv4 |= spec.key().family() == Family.IPV4;
            ipv6 |= spec.key().family() == Family.IPV6;
            tcp |= anyProtocol || spec.key().protocol() == Protocol.TCP;
            udp |= anyProtocol || spec.key().protocol() == Protocol.UDP;
            persistent |= (spec.flags() & ServiceSpec.PERSISTENT) != 0;
            for (DestinationListing destination : service.destinations()) {
                boolean toIpv6 = destination.spec().address().isIpv6();
                ForwardingMethod method = destination.spec().method();
                nat |= method == ForwardingMethod.NAT;
                direct |= method == ForwardingMethod.DIRECT;
                tunnelIpv4 |= method == ForwardingMethod.TUNNEL && !toIpv6;
                tunnelIpv6 |= method == ForwardingMethod.TUNNEL && toIpv6;
            }
        }
        return new Shape(
                ipv4,
                ipv6,
                tcp,
                udp,
                nat,
                direct,
                tunnelIpv4,
                tunnelIpv6,
                persistent,
                pathMtuDiscovery);
    }

    /// Whether any packet at all can be forwarded.
    public boolean isEmpty() {
        return !(ipv4 || ipv6) || !(tcp || udp) || !(nat || direct || tunnelIpv4 || tunnelIpv6);
    }

    boolean tunnel() {
        return tunnelIpv4 || tunnelIpv6;
    }
}
