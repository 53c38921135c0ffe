package org.jvs.datapath;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jvs.linux.MacAddress;
import org.jvs.linux.Neighbour;

/// The Ethernet addresses of the neighbours that frames may be sent to, for look-ups without
/// allocation. Immutable, but for the marks of those that were used, by which the kernel is kept
/// confirming them.
final class NeighbourTable {
    static final NeighbourTable EMPTY = of(List.of());

    /// No such neighbour.
    static final int NONE = -1;

    private final int[] links;
    private final long[] hi;
    private final long[] lo;
    private final long[] macs;
    private final Neighbour[] entries;
    private final boolean[] used;

    private NeighbourTable(int size) {
        links = new int[size];
        hi = new long[size];
        lo = new long[size];
        macs = new long[size];
        entries = new Neighbour[size];
        used = new boolean[size];
    }

    static NeighbourTable of(Collection<Neighbour> neighbours) {
        int size = Integer.highestOneBit(neighbours.size() + 1) * 4;
        NeighbourTable table = new NeighbourTable(size);
        for (Neighbour neighbour : neighbours) {
            MacAddress mac = neighbour.mac();
            if (mac == null || !neighbour.isUsable()) {
                continue;
            }
            int link = link(neighbour.interfaceIndex(), neighbour.address().isIpv6());
            long hi = neighbour.address().hi();
            long lo = neighbour.address().lo();
            int cell = hash(link, hi, lo) & size - 1;
            while (table.links[cell] != 0) {
                cell = cell + 1 & size - 1;
            }
            table.links[cell] = link;
            table.hi[cell] = hi;
            table.lo[cell] = lo;
            table.macs[cell] = mac.bits();
            table.entries[cell] = neighbour;
        }
        return table;
    }

    // interface indices start at 1, so that no key is 0
    private static int link(int interfaceIndex, boolean ipv6) {
        return interfaceIndex * 2 + (ipv6 ? 1 : 0);
    }

    private static int hash(int link, long hi, long lo) {
        long mixed = (lo + hi * 31 + link * 0x632be59bL) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32);
    }

    /// The neighbour's place here, or [#NONE].
    int find(int interfaceIndex, boolean ipv6, long wantedHi, long wantedLo) {
        int link = link(interfaceIndex, ipv6);
        int mask = links.length - 1;
        for (int cell = hash(link, wantedHi, wantedLo) & mask;
                links[cell] != 0;
                cell = cell + 1 & mask) {
            if (links[cell] == link && lo[cell] == wantedLo && hi[cell] == wantedHi) {
                return cell;
            }
        }
        return NONE;
    }

    /// The Ethernet address in the low 48 bits.
    long mac(int place) {
        return macs[place];
    }

    /// Notes that a frame was sent there.
    void use(int place) {
        used[place] = true;
    }

    /// The neighbours that frames were sent to since the last call.
    List<Neighbour> takeUsed() {
        List<Neighbour> found = new ArrayList<>();
        for (int cell = 0; cell < used.length; cell++) {
            if (used[cell]) {
                used[cell] = false;
                found.add(entries[cell]);
            }
        }
        return found;
    }
}
