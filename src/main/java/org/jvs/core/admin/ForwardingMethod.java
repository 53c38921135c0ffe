package org.jvs.core.admin;

/**
 * How packets reach a destination. The order is that of the kernel's {@code IP_VS_CONN_F_*}
 * numbers.
 */
public enum ForwardingMethod {
    /** Network address translation; {@code Masq} in listings. */
    NAT("Masq"),
    /** The director itself; {@code Local} in listings. */
    LOCAL("Local"),
    /** IPIP, GUE or GRE; {@code Tunnel} in listings. */
    TUNNEL("Tunnel"),
    /** Direct routing; {@code Route} in listings. */
    DIRECT("Route"),
    /** Past the cache to the original address; never configured. */
    BYPASS("Bypass");

    private final String listed;

    ForwardingMethod(String listed) {
        this.listed = listed;
    }

    /** The kernel's number of the method. */
    public int number() {
        return ordinal();
    }

    /** The word in ipvsadm's Forward column. */
    public String listed() {
        return listed;
    }
}
