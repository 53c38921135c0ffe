package org.jvs.cli.ipvsadm;

import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;

/** Names of hosts and services, as the C library's {@code gethostbyname} and its kin give them. */
public interface Names {
    /** The first IPv4 address of a host name, or null. IPv6 is not looked for, as in ipvsadm. */
    @Nullable Address hostAddress(String name);

    /** The canonical name of an address, or null. */
    @Nullable String hostName(Address address);

    /**
     * The port of a service name or alias.
     *
     * @param protocol {@code tcp}, {@code udp} or {@code sctp}
     * @return -1 where there is none
     */
    int servicePort(String name, String protocol);

    /** The name of a port under a protocol, or null. */
    @Nullable String serviceName(int port, String protocol);
}
