package org.jvs.core.state;

import org.jvs.core.admin.Timeouts;

/** How long an entry lives without packets, by protocol and state, in seconds. */
public final class StateTimeouts {
    /** A connection between its creation and its first state. */
    public static final int NEW = 3;

    private static final int[] TCP_DEFAULT = {2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120};

    private volatile int[] tcp = TCP_DEFAULT;
    private volatile int udp = Timeouts.DEFAULT.udp();

    public int tcp(int state) {
        return tcp[state];
    }

    public int udp() {
        return udp;
    }

    /** What {@code ipvsadm --set} sets: ESTABLISHED, FIN_WAIT and UDP; 0 keeps a value. */
    public void set(Timeouts timeouts) {
        int[] changed = tcp.clone();
        if (timeouts.tcp() != 0) {
            changed[TcpState.ESTABLISHED] = timeouts.tcp();
        }
        if (timeouts.tcpFin() != 0) {
            changed[TcpState.FIN_WAIT] = timeouts.tcpFin();
        }
        tcp = changed;
        if (timeouts.udp() != 0) {
            udp = timeouts.udp();
        }
    }

    public Timeouts get() {
        return new Timeouts(tcp[TcpState.ESTABLISHED], tcp[TcpState.FIN_WAIT], udp);
    }
}
