package org.jvs.datapath;

import java.util.concurrent.atomic.AtomicInteger;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;

/// Neighbours whose Ethernet address the packet thread lacks, on their way to the thread that has
/// the kernel find out. One thread puts, one takes; putting allocates nothing, and what does not
/// fit is forgotten until it is wanted again.
final class ResolveRequests {
    /// Takes requests.
    interface Receiver {
        void resolve(int interfaceIndex, Address address);
    }

    private static final int SIZE = 256;

    private final int[] links = new int[SIZE];
    private final boolean[] ipv6 = new boolean[SIZE];
    private final long[] hi = new long[SIZE];
    private final long[] lo = new long[SIZE];
    private final AtomicInteger head = new AtomicInteger();
    private final AtomicInteger tail = new AtomicInteger();

    /// Puts a request; false if there is no room.
    boolean put(int interfaceIndex, boolean v6, long addressHi, long addressLo) {
        int at = tail.getPlain();
        if (at - head.getAcquire() == SIZE) {
            return false;
        }
        int cell = at & SIZE - 1;
        links[cell] = interfaceIndex;
        ipv6[cell] = v6;
        hi[cell] = addressHi;
        lo[cell] = addressLo;
        tail.setRelease(at + 1);
        return true;
    }

    /// Hands over what is there.
    void drain(Receiver receiver) {
        int end = tail.getAcquire();
        for (int at = head.getPlain(); at != end; at++) {
            int cell = at & SIZE - 1;
            Family family = ipv6[cell] ? Family.IPV6 : Family.IPV4;
            Address address = new Address(family, hi[cell], lo[cell]);
            int link = links[cell];
            head.setRelease(at + 1);
            receiver.resolve(link, address);
        }
    }
}
