package org.jvs.datapath;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.linux.Prefix;
import org.jvs.linux.Route;

/// The routes of one table and family, for look-ups without allocation: one hash table for each
/// prefix length in use, asked from the longest to the shortest. Immutable.
final class RouteTable {
    /// Routes of one prefix length; open addressing with linear steps.
    private record Level(long maskHi, long maskLo, long[] hi, long[] lo, Route[] routes) {}

    private final Level[] levels;

    private RouteTable(Level[] levels) {
        this.levels = levels;
    }

    /// Takes the routes of a family in one table; of several to the same destination the one with
    /// the lowest metric.
    static RouteTable of(Family family, int table, List<Route> routes) {
        Map<Integer, Map<Prefix, Route>> byLength = new TreeMap<>((a, b) -> b - a);
        for (Route route : routes) {
            Prefix destination = route.destination();
            if (route.table() == table && destination.family() == family) {
                byLength.computeIfAbsent(destination.length(), _ -> new HashMap<>())
                        .merge(destination, route, RouteTable::better);
            }
        }
        List<Level> levels = new ArrayList<>();
        byLength.forEach((length, found) -> levels.add(level(family, length, found)));
        return new RouteTable(levels.toArray(Level[]::new));
    }

    private static Route better(Route one, Route other) {
        return Integer.compareUnsigned(other.metric(), one.metric()) < 0 ? other : one;
    }

    private static Level level(Family family, int length, Map<Prefix, Route> found) {
        long maskHi = 0;
        long maskLo;
        if (family == Family.IPV4) {
            maskLo = length == 0 ? 0 : -1L << 32 - length & 0xffffffffL;
        } else {
            maskHi = length == 0 ? 0 : length >= 64 ? -1L : -1L << 64 - length;
            maskLo = length <= 64 ? 0 : -1L << 128 - length;
        }
        int size = Integer.highestOneBit(found.size()) * 4;
        Level level = new Level(maskHi, maskLo, new long[size], new long[size], new Route[size]);
        for (Route route : found.values()) {
            Address address = route.destination().address();
            long hi = address.hi() & maskHi;
            long lo = address.lo() & maskLo;
            int cell = hash(hi, lo) & size - 1;
            while (level.routes[cell] != null) {
                cell = cell + 1 & size - 1;
            }
            level.hi[cell] = hi;
            level.lo[cell] = lo;
            level.routes[cell] = route;
        }
        return level;
    }

    private static int hash(long hi, long lo) {
        long mixed = (lo + hi * 31) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32);
    }

    /// The route of the longest prefix, or `none`.
    Route find(long hi, long lo, Route none) {
        for (Level level : levels) {
            long wantedHi = hi & level.maskHi;
            long wantedLo = lo & level.maskLo;
            int mask = level.routes.length - 1;
            for (int cell = hash(wantedHi, wantedLo) & mask;
                    level.routes[cell] != null;
                    cell = cell + 1 & mask) {
                if (level.lo[cell] == wantedLo && level.hi[cell] == wantedHi) {
                    return level.routes[cell];
                }
            }
        }
        return none;
    }
}
