package org.jvs.core.sched;

/**
 * The addresses of the packet that asks for a new connection, as schedulers see them. Addresses are
 * two words as in {@link org.jvs.core.net.Address}; ports are host order. Implemented by the
 * engine's packet; nothing is allocated.
 */
public interface Flow {
    boolean isIpv6();

    int protocol();

    long sourceHi();

    long sourceLo();

    int sourcePort();

    long destinationHi();

    long destinationLo();

    int destinationPort();
}
