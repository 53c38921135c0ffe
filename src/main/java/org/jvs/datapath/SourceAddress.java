package org.jvs.datapath;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;
import org.jvs.linux.InterfaceAddress;

/// Which of its addresses this machine uses towards another: one of the outgoing interface, else
/// one of any interface; of several the one with the longest common prefix, else the first, which
/// is the part of RFC 6724 and of the kernel's inet_select_addr that matters between two hosts.
final class SourceAddress {
    private static final int SCOPE_UNIVERSE = 0;

    private SourceAddress() {}

    static @Nullable Address select(
            HostTables.Snapshot snapshot, int interfaceIndex, boolean ipv6, long hi, long lo) {
        List<InterfaceAddress> own = snapshot.addresses.get(interfaceIndex);
        Address found = own == null ? null : best(own, ipv6, hi, lo);
        if (found != null) {
            return found;
        }
        List<List<InterfaceAddress>> all = snapshot.addresses.values();
        // no iterator: this may be asked for every packet into a tunnel
        for (int i = 0; i < all.size(); i++) {
            found = best(all.get(i), ipv6, hi, lo);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static @Nullable Address best(
            List<InterfaceAddress> addresses, boolean ipv6, long hi, long lo) {
        Address best = null;
        int bestLength = -1;
        for (int i = 0; i < addresses.size(); i++) {
            InterfaceAddress candidate = addresses.get(i);
            Address address = candidate.address();
            if (address.isIpv6() != ipv6
                    || candidate.scope() != SCOPE_UNIVERSE
                    || candidate.isTentative()) {
                continue;
            }
            int common = common(address, hi, lo);
            // inside the candidate's own network it does not matter how much more they share
            int length = Math.min(common, candidate.prefix().length());
            if (length > bestLength) {
                best = address;
                bestLength = length;
            }
        }
        return best;
    }

    private static int common(Address address, long hi, long lo) {
        if (!address.isIpv6()) {
            return Long.numberOfLeadingZeros(address.lo() ^ lo) - 32;
        }
        int first = Long.numberOfLeadingZeros(address.hi() ^ hi);
        return first < 64 ? first : 64 + Long.numberOfLeadingZeros(address.lo() ^ lo);
    }
}
