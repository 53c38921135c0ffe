package org.jvs.datapath;

/// The path MTUs that routers told of (RFC 1191), for look-ups without allocation. Immutable; as
/// many are kept as the kernel would keep in a small table of exceptions, each for the kernel's ten
/// minutes (net.ipv4.route.mtu_expires).
final class PathMtus {
    static final PathMtus EMPTY = new PathMtus(0, 0);

    /// As many addresses are remembered; then the one nearest to its end gives way.
    static final int LIMIT = 1024;

    static final long EXPIRES_MS = 600_000;

    /// What every path is taken to carry, whatever a router says: net.ipv4.route.min_pmtu, and RFC
    /// 8200 section 5.
    static final int MIN_IPV4 = 552;

    static final int MIN_IPV6 = 1280;

    private final int mask;
    private final boolean[] ipv6;
    private final long[] hi;
    private final long[] lo;
    private final int[] mtus;
    private final long[] expiresAtMs;
    private final int count;
    private final int version;

    private PathMtus(int count, int version) {
        this.version = version;
        int size = Integer.highestOneBit(count + 1) * 4;
        this.count = count;
        mask = size - 1;
        ipv6 = new boolean[size];
        hi = new long[size];
        lo = new long[size];
        mtus = new int[size];
        expiresAtMs = new long[size];
    }

    private int cell(boolean v6, long wantedHi, long wantedLo) {
        long mixed = (wantedLo + wantedHi * 31) * 0x9e3779b97f4a7c15L;
        int cell = (int) (mixed >>> 32) & mask;
        while (mtus[cell] != 0
                && (lo[cell] != wantedLo || hi[cell] != wantedHi || ipv6[cell] != v6)) {
            cell = cell + 1 & mask;
        }
        return cell;
    }

    /// The smaller one of an MTU and what is known of the path.
    int limit(boolean v6, long wantedHi, long wantedLo, int mtu) {
        int learned = count == 0 ? 0 : mtus[cell(v6, wantedHi, wantedLo)];
        return learned == 0 ? mtu : Math.min(mtu, learned);
    }

    int size() {
        return count;
    }

    /// How many changes led here.
    int version() {
        return version;
    }

    /// This and one more, or with one MTU changed. Paths only become narrower: what is wider than
    /// known is not believed, the old value has to expire first. The same object if nothing
    /// changed.
    PathMtus with(boolean v6, long addressHi, long addressLo, int told, long nowMs) {
        int mtu = Math.max(told, v6 ? MIN_IPV6 : MIN_IPV4);
        int cell = cell(v6, addressHi, addressLo);
        int before = mtus[cell];
        boolean fresh = expiresAtMs[cell] - nowMs > EXPIRES_MS / 2;
        if (before != 0 && (before < mtu || before == mtu && fresh)) {
            return this;
        }
        int left = before != 0 ? cell : count == LIMIT ? first() : -1;
        PathMtus copy = copy(left, left < 0 ? count + 1 : count, Long.MIN_VALUE);
        copy.put(v6, addressHi, addressLo, mtu, nowMs + EXPIRES_MS);
        return copy;
    }

    /// What has not expired yet; the same object if all of it.
    PathMtus at(long nowMs) {
        int kept = 0;
        for (int cell = 0; cell <= mask; cell++) {
            kept += mtus[cell] != 0 && expiresAtMs[cell] - nowMs > 0 ? 1 : 0;
        }
        return kept == count ? this : copy(-1, kept, nowMs);
    }

    private int first() {
        int first = -1;
        for (int cell = 0; cell <= mask; cell++) {
            if (mtus[cell] != 0 && (first < 0 || expiresAtMs[cell] < expiresAtMs[first])) {
                first = cell;
            }
        }
        return first;
    }

    private PathMtus copy(int without, int size, long olderThanMs) {
        PathMtus copy = new PathMtus(size, version + 1);
        for (int cell = 0; cell <= mask; cell++) {
            if (mtus[cell] != 0 && cell != without && expiresAtMs[cell] > olderThanMs) {
                copy.put(ipv6[cell], hi[cell], lo[cell], mtus[cell], expiresAtMs[cell]);
            }
        }
        return copy;
    }

    private void put(boolean v6, long addressHi, long addressLo, int mtu, long expiryMs) {
        int cell = cell(v6, addressHi, addressLo);
        ipv6[cell] = v6;
        hi[cell] = addressHi;
        lo[cell] = addressLo;
        mtus[cell] = mtu;
        expiresAtMs[cell] = expiryMs;
    }
}
