package org.jvs.lab;

import org.jvs.core.admin.Command;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Address;

/// Commands for a director, as the demo and the tests need them.
public final class Services {
    private Services() {}

    /// Adds a service, by `scheduler`, without persistence.
    public static Command add(ServiceKey key, String scheduler) {
        return new Command.AddService(new ServiceSpec(key, scheduler, 0, 0, hostMask(key), ""));
    }

    /// Adds a service whose clients stick to their realserver.
    ///
    /// @param timeoutSeconds how long after the last connection
    public static Command addPersistent(ServiceKey key, String scheduler, int timeoutSeconds) {
        return new Command.AddService(
                new ServiceSpec(
                        key, scheduler, ServiceSpec.PERSISTENT, timeoutSeconds, hostMask(key), ""));
    }

    private static int hostMask(ServiceKey key) {
        return key.address().isIpv6() ? 128 : -1;
    }

    /// A destination without thresholds.
    public static DestinationSpec destination(
            Address address, int port, ForwardingMethod method, int weight) {
        return new DestinationSpec(
                address, port, method, weight, 0, 0, DestinationSpec.Tunnel.IPIP);
    }

    public static Command add(ServiceKey key, DestinationSpec destination) {
        return new Command.AddDestination(key, destination);
    }

    public static Command edit(ServiceKey key, DestinationSpec destination) {
        return new Command.EditDestination(key, destination);
    }

    public static Command delete(ServiceKey key, DestinationSpec destination) {
        return new Command.DeleteDestination(key, destination);
    }
}
