package org.jvs.cli.ipvsadm;

import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.net.Address;

/**
 * The order of listings. ipvsadm compares addresses by subtracting them as 32-bit numbers, so that
 * addresses more than 2^31 apart come the other way round and the order is not even transitive:
 * what comes out then depends on the order of the table and on the sort. The sort is therefore the
 * C library's (glibc before 2.37): a top-down merge, the left half taking n/2.
 */
final class Order {
    private Order() {}

    /** Sorts services. */
    static void sort(ServiceListing[] services) {
        sortServices(services, 0, services.length, new ServiceListing[services.length]);
    }

    /** Sorts destinations. */
    static void sort(DestinationListing[] destinations) {
        sortDestinations(
                destinations, 0, destinations.length, new DestinationListing[destinations.length]);
    }

    private static void sortServices(
            ServiceListing[] all, int from, int to, ServiceListing[] spare) {
        if (to - from < 2) {
            return;
        }
        int middle = from + (to - from) / 2;
        sortServices(all, from, middle, spare);
        sortServices(all, middle, to, spare);
        int left = from;
        int right = middle;
        for (int i = from; i < to; i++) {
            boolean takeLeft =
                    right == to
                            || left < middle
                                    && compare(all[left].spec().key(), all[right].spec().key())
                                            <= 0;
            spare[i] = takeLeft ? all[left++] : all[right++];
        }
        System.arraycopy(spare, from, all, from, to - from);
    }

    private static void sortDestinations(
            DestinationListing[] all, int from, int to, DestinationListing[] spare) {
        if (to - from < 2) {
            return;
        }
        int middle = from + (to - from) / 2;
        sortDestinations(all, from, middle, spare);
        sortDestinations(all, middle, to, spare);
        int left = from;
        int right = middle;
        for (int i = from; i < to; i++) {
            boolean takeLeft =
                    right == to
                            || left < middle && compare(all[left].spec(), all[right].spec()) <= 0;
            spare[i] = takeLeft ? all[left++] : all[right++];
        }
        System.arraycopy(spare, from, all, from, to - from);
    }

    private static int compare(ServiceKey a, ServiceKey b) {
        int order = a.mark() - b.mark();
        if (order == 0) {
            order = a.family().number() - b.family().number();
        }
        if (order == 0 && !a.isMark()) {
            order = a.protocol() - b.protocol();
        }
        if (order == 0) {
            order = compare(a.address(), b.address());
        }
        return order != 0 ? order : a.port() - b.port();
    }

    private static int compare(DestinationSpec a, DestinationSpec b) {
        int order = compare(a.address(), b.address());
        return order != 0 ? order : a.port() - b.port();
    }

    /** Subtracts word by word; the first address decides how many words there are. */
    private static int compare(Address a, Address b) {
        if (!a.isIpv6()) {
            return firstWord(a) - firstWord(b);
        }
        int order = 0;
        for (int i = 0; order == 0 && i < 4; i++) {
            order = word(a, i) - word(b, i);
        }
        return order;
    }

    private static int firstWord(Address address) {
        return word(address, 0);
    }

    private static int word(Address address, int index) {
        if (!address.isIpv6()) {
            return index == 0 ? (int) address.lo() : 0;
        }
        long half = index < 2 ? address.hi() : address.lo();
        return (int) ((index & 1) == 0 ? half >>> 32 : half);
    }
}
