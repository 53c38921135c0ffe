package org.jvs.core.engine;

import java.util.Arrays;

/**
 * What the host last said about the ways to clients, so that it is not asked for every reply: a
 * look-up through several routing tables. A fixed number of cells, of which a newer client may take
 * an older one's; all forgotten when the host's answers change.
 */
final class ClientPaths {
    /** The way leads to the machine itself. */
    static final int LOCAL = -1;

    private static final int CELLS_BITS = 12;
    private static final int UNKNOWN = -2;

    /** No IPv6 client's upper half, so that it can mark IPv4. */
    private static final long IPV4 = -1;

    private final Host host;
    private final long[] his = new long[1 << CELLS_BITS];
    private final long[] los = new long[1 << CELLS_BITS];
    private final int[] mtus = new int[1 << CELLS_BITS];
    private int version;

    ClientPaths(Host host) {
        this.host = host;
        version = host.version();
        Arrays.fill(mtus, UNKNOWN);
    }

    /** MTU of the way to a client; 0 if there is none; or {@link #LOCAL}. */
    int mtu(boolean ipv6, long hi, long lo) {
        if (host.version() != version) {
            version = host.version();
            Arrays.fill(mtus, UNKNOWN);
        }
        long key = ipv6 ? hi : IPV4;
        int cell = (int) ((lo * 0x9e3779b97f4a7c15L + hi) >>> 64 - CELLS_BITS);
        if (los[cell] == lo && his[cell] == key && mtus[cell] != UNKNOWN) {
            return mtus[cell];
        }
        int mtu = host.isLocal(ipv6, hi, lo) ? LOCAL : host.mtu(ipv6, hi, lo);
        if (mtu != 0) {
            his[cell] = key;
            los[cell] = lo;
            mtus[cell] = mtu;
        }
        return mtu;
    }
}
