package org.jvs.datapath;

import org.jvs.core.wire.Reason;

/// Frames whose next hop's Ethernet address the kernel is being asked for. A few wait a little;
/// what is too many or waits too long is dropped. For the packet thread.
final class Waiting {
    /// As many frames wait at a time.
    static final int FRAMES = 64;

    /// How long a frame waits: the kernel asks three times, a second apart.
    private static final long PATIENCE_MS = 1_000;

    /// How often the kernel is asked for the same neighbour.
    private static final long ASK_AGAIN_MS = 500;

    private static final int ASKED = 256;

    /// A scan of addresses that nobody has must not keep the kernel busy with questions.
    private static final int QUESTIONS = 100;

    private static final long QUESTIONS_MS = 100;

    /// What becomes of frames.
    interface Outlet {
        /// Sends a frame whose neighbour is known now; its IP packet begins at `start`.
        void send(Port port, int place, long start, int length, boolean ipv6, int queue);

        /// Frees a frame that waited in vain.
        void giveUp(long start, Reason reason);
    }

    private final Outlet outlet;
    private final ResolveRequests requests;
    private final Runnable wakeup;
    private final Port[] ports = new Port[FRAMES];
    private final long[] starts = new long[FRAMES];
    private final int[] lengths = new int[FRAMES];
    private final boolean[] packetIpv6 = new boolean[FRAMES];
    private final int[] queues = new int[FRAMES];
    private final boolean[] hopIpv6 = new boolean[FRAMES];
    private final long[] hopHi = new long[FRAMES];
    private final long[] hopLo = new long[FRAMES];
    private final long[] since = new long[FRAMES];
    private int count;

    private final long[] askedHi = new long[ASKED];
    private final long[] askedLo = new long[ASKED];
    private final long[] askedAt = new long[ASKED];
    private long questionsSince;
    private int questions;

    /// @param wakeup tells the thread that takes requests
    Waiting(Outlet outlet, ResolveRequests requests, Runnable wakeup) {
        this.outlet = outlet;
        this.requests = requests;
        this.wakeup = wakeup;
        java.util.Arrays.fill(askedAt, -ASK_AGAIN_MS);
    }

    /// Whether frames wait.
    boolean isEmpty() {
        return count == 0;
    }

    /// Takes a frame and has the kernel asked.
    void add(Port port, NextHop hop, long start, int length, boolean ipv6, int queue, long nowMs) {
        ask(port, hop, nowMs);
        if (count == FRAMES) {
            outlet.giveUp(start, Reason.NO_NEIGHBOUR);
            return;
        }
        ports[count] = port;
        starts[count] = start;
        lengths[count] = length;
        packetIpv6[count] = ipv6;
        queues[count] = queue;
        hopIpv6[count] = hop.ipv6;
        hopHi[count] = hop.hi;
        hopLo[count] = hop.lo;
        since[count] = nowMs;
        count++;
    }

    private void ask(Port port, NextHop hop, long nowMs) {
        int cell = (int) ((hop.lo ^ hop.lo >>> 8 ^ hop.hi ^ port.index) & ASKED - 1);
        boolean same = askedHi[cell] == hop.hi && askedLo[cell] == hop.lo;
        if (same && nowMs - askedAt[cell] < ASK_AGAIN_MS) {
            return;
        }
        if (nowMs - questionsSince >= QUESTIONS_MS) {
            questionsSince = nowMs;
            questions = 0;
        }
        if (++questions > QUESTIONS) {
            return;
        }
        askedHi[cell] = hop.hi;
        askedLo[cell] = hop.lo;
        askedAt[cell] = nowMs;
        if (requests.put(port.index, hop.ipv6, hop.hi, hop.lo)) {
            wakeup.run();
        }
    }

    /// Sends what can be sent and gives up what waited too long.
    void retry(NeighbourTable neighbours, long nowMs) {
        int kept = 0;
        int end = count;
        for (int i = 0; i < end; i++) {
            int place = neighbours.find(ports[i].index, hopIpv6[i], hopHi[i], hopLo[i]);
            if (place != NeighbourTable.NONE) {
                outlet.send(ports[i], place, starts[i], lengths[i], packetIpv6[i], queues[i]);
            } else if (nowMs - since[i] >= PATIENCE_MS) {
                outlet.giveUp(starts[i], Reason.NO_NEIGHBOUR);
            } else {
                keep(i, kept++);
            }
        }
        count = kept;
    }

    private void keep(int from, int to) {
        ports[to] = ports[from];
        starts[to] = starts[from];
        lengths[to] = lengths[from];
        packetIpv6[to] = packetIpv6[from];
        queues[to] = queues[from];
        hopIpv6[to] = hopIpv6[from];
        hopHi[to] = hopHi[from];
        hopLo[to] = hopLo[from];
        since[to] = since[from];
    }

    /// Gives up the frames for a port that goes.
    void forget(Port port) {
        int kept = 0;
        int end = count;
        for (int i = 0; i < end; i++) {
            if (ports[i] == port) {
                outlet.giveUp(starts[i], Reason.NO_ROUTE);
            } else {
                keep(i, kept++);
            }
        }
        count = kept;
    }
}
