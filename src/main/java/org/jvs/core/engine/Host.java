package org.jvs.core.engine;

/**
 * What the engine asks the machine it runs on. The datapath answers from the kernel's routing
 * tables as netlink reports them, tests from a fixed picture. Addresses are two words as in {@link
 * org.jvs.core.net.Address}. Called per packet: no allocation.
 */
public interface Host {
    /**
     * A number that changes whenever an answer below may have changed; lets the engine keep answers
     * per destination.
     */
    int version();

    /** Whether packets to the address are delivered to this machine (route type local). */
    boolean isLocal(boolean ipv6, long hi, long lo);

    /**
     * Whether an interface has the address; a local route alone does not count. Not for every
     * packet.
     */
    boolean isAssigned(boolean ipv6, long hi, long lo);

    /**
     * The MTU of the route to the address in bytes, counted from the IP header; 0 where there is no
     * route.
     */
    int mtu(boolean ipv6, long hi, long lo);

    /**
     * A router said that packets to an address are too long for a link on their way (RFC 1191); to
     * be believed as long as the kernel believes such things. Called for packets that this machine
     * itself sends, those of its tunnels.
     *
     * @param mtu what the router said the link takes, in bytes; anything from 0 to 65535
     * @param nowMs the director's clock
     */
    void learnMtu(boolean ipv6, long hi, long lo, int mtu, long nowMs);

    /**
     * Writes the source address this machine would use towards the given one; false where there is
     * no route.
     */
    boolean source(boolean ipv6, long hi, long lo, Source result);

    /** The MTU of an interface by its name; -1 if there is none. Not for the packet path. */
    int interfaceMtu(String name);

    /** Receives an address. */
    final class Source {
        public long hi;
        public long lo;
    }
}
