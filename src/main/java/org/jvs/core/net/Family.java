package org.jvs.core.net;

/** Address family. The numbers are Linux's {@code AF_INET} and {@code AF_INET6}. */
public enum Family {
    IPV4(2, 32),
    IPV6(10, 128);

    private final int number;
    private final int bits;

    Family(int number, int bits) {
        this.number = number;
        this.bits = bits;
    }

    /** Linux's address family number. */
    public int number() {
        return number;
    }

    /** Length of an address in bits. */
    public int bits() {
        return bits;
    }
}
