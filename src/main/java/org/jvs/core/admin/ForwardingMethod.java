package org.jvs.core.admin;

/**
 * How packets reach a destination. The order is that of the kernel's {@code IP_VS_CONN_F_*}
 * numbers.
 */
public enum ForwardingMethod {
    /** Network address translation; {@code Masq} in listings. */
    NAT(0, "Masq"),
    /** The director itself; {@code Local} in listings. */
    LOCAL(1, "Local"),
    /** IPIP, GUE or GRE; {@code Tunnel} in listings. */
    TUNNEL(2, "Tunnel"),
    /** Direct routing; {@code Route} in listings. */
    DIRECT(3, "Route"),
    /** Past the cache to the original address; never configured. */
    BYPASS(4, "Bypass");

    private final int number;
    private final String listed;

    ForwardingMethod(int number, String listed) {
        this.number = number;
        this.listed = listed;
    }

    /** The kernel's number of the method. */
    public int number() {
        return number;
    }

    /** The word in ipvsadm's Forward column. */
    public String listed() {
        return listed;
    }
}
