package org.jvs.core.admin;

import org.jvs.core.net.Address;

/**
 * A destination (a realserver's address and port within a service) as an administrator states it.
 *
 * @param port host order
 * @param weight 0..2147483647; 0 gets no new connections
 * @param upperThreshold connections above which it is overloaded, 0 is "no limit"
 * @param lowerThreshold connections below which it recovers, 0 is "3/4 of the upper one"
 * @param tunnel only of interest with {@link ForwardingMethod#TUNNEL}
 */
public record DestinationSpec(
        Address address,
        int port,
        ForwardingMethod method,
        int weight,
        int upperThreshold,
        int lowerThreshold,
        Tunnel tunnel) {
    /**
     * Encapsulation: its kind, for GUE a UDP port, and the checksum flag (kernel {@code
     * IP_VS_TUNNEL_ENCAP_FLAG_*}).
     */
    public record Tunnel(Type type, int port, int flags) {
        public static final Tunnel IPIP = new Tunnel(Type.IPIP, 0, 0);
        public static final int NO_CHECKSUM = 0;
        public static final int CHECKSUM = 1;
        public static final int REMOTE_CHECKSUM = 2;

        /** Kinds of tunnels, in the kernel's order. */
        public enum Type {
            IPIP(0),
            GUE(1),
            GRE(2);

            private final int number;

            Type(int number) {
                this.number = number;
            }

            /** The kernel's number. */
            public int number() {
                return number;
            }
        }
    }
}
