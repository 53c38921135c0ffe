package org.jvs.core.state;

import org.jvs.core.wire.Ip;

/**
 * The TCP states of IPVS and how packets change them (net/netfilter/ipvs/ip_vs_proto_tcp.c). A
 * director sees at most one direction for certain, so these are not the states of RFC 9293 but a
 * director's guess at them. Numbers are the kernel's, which also travel in sync messages.
 *
 * <p>A packet is one of four events, the first that applies of RST, SYN, FIN, ACK; without any of
 * these flags the connection goes to CLOSE. It comes from the client (INPUT), from the server
 * (OUTPUT), or from the client of a connection whose replies do not pass the director (INPUT_ONLY).
 */
public final class TcpState {
    public static final int NONE = 0;
    public static final int ESTABLISHED = 1;
    public static final int SYN_SENT = 2;
    public static final int SYN_RECV = 3;
    public static final int FIN_WAIT = 4;
    public static final int TIME_WAIT = 5;
    public static final int CLOSE = 6;
    public static final int CLOSE_WAIT = 7;
    public static final int LAST_ACK = 8;
    public static final int LISTEN = 9;
    public static final int SYNACK = 10;

    /** Number of states. */
    public static final int COUNT = 11;

    public static final int INPUT = 0;
    public static final int OUTPUT = 1;
    public static final int INPUT_ONLY = 2;

    private static final String[] NAMES = {
        "NONE",
        "ESTABLISHED",
        "SYN_SENT",
        "SYN_RECV",
        "FIN_WAIT",
        "TIME_WAIT",
        "CLOSE",
        "CLOSE_WAIT",
        "LAST_ACK",
        "LISTEN",
        "SYNACK"
    };

    // Columns are the present state, in the order of the numbers above:
    //   NO ES SS SR FW TW CL CW LA LI SA
    private static final byte[] NORMAL =
            table(
                    """
                    SR ES ES SR SR SR SR SR SR SR SR  input syn
                    CL CW SS TW TW TW CL CW LA LI TW  input fin
                    ES ES SS ES FW TW CL CW CL LI ES  input ack
                    CL CL CL SR CL CL CL CL LA LI SR  input rst
                    SS ES SS SR SS SS SS SS SS LI SR  output syn
                    TW FW SS TW FW TW CL TW LA LI TW  output fin
                    ES ES SS ES FW TW CL CW LA ES ES  output ack
                    CL CL SS CL CL TW CL CL CL CL CL  output rst
                    SR ES ES SR SR SR SR SR SR SR SR  input-only syn
                    CL FW SS TW FW TW CL CW LA LI TW  input-only fin
                    ES ES SS ES FW TW CL CW CL LI ES  input-only ack
                    CL CL CL SR CL CL CL CL LA LI CL  input-only rst
                    """);

    // With secure_tcp a connection counts as established only after the server's SYN/ACK was seen.
    private static final byte[] SECURE =
            table(
                    """
                    SR ES ES SR SR SR SR SR SR SR SA  input syn
                    CL CW SS TW TW TW CL CW LA LI SA  input fin
                    ES ES SS SR FW TW CL CW CL LI SA  input ack
                    CL CL CL SR CL CL CL CL LA LI CL  input rst
                    SS ES SS SA SS SS SS SS SS LI SA  output syn
                    TW FW SS TW FW TW CL TW LA LI TW  output fin
                    ES ES SS ES FW TW CL CW LA ES ES  output ack
                    CL CL SS CL CL TW CL CL CL CL CL  output rst
                    SA ES ES SR SA SA SA SA SA SA SA  input-only syn
                    CL FW SS TW FW TW CL CW LA LI TW  input-only fin
                    ES ES SS ES FW TW CL CW CL LI ES  input-only ack
                    CL CL CL SR CL CL CL CL LA LI CL  input-only rst
                    """);

    private TcpState() {}

    private static byte[] table(String text) {
        String order = "NO ES SS SR FW TW CL CW LA LI SA";
        byte[] table = new byte[12 * COUNT];
        String[] rows = text.split("\n");
        for (int row = 0; row < rows.length; row++) {
            for (int column = 0; column < COUNT; column++) {
                String state = rows[row].substring(column * 3, column * 3 + 2);
                table[row * COUNT + column] = (byte) (order.indexOf(state) / 3);
            }
        }
        return table;
    }

    /**
     * The state after a packet.
     *
     * @param direction {@link #INPUT}, {@link #OUTPUT} or {@link #INPUT_ONLY}
     * @param flags the TCP header's flags
     * @param secure whether the secure_tcp defence is active
     */
    public static int next(int state, int direction, int flags, boolean secure) {
        int event;
        if ((flags & Ip.RST) != 0) {
            event = 3;
        } else if ((flags & Ip.SYN) != 0) {
            event = 0;
        } else if ((flags & Ip.FIN) != 0) {
            event = 1;
        } else if ((flags & Ip.ACK) != 0) {
            event = 2;
        } else {
            return CLOSE;
        }
        return (secure ? SECURE : NORMAL)[(direction * 4 + event) * COUNT + state];
    }

    /** Whether connections in the state count as active. */
    public static boolean isActive(int state) {
        return state == ESTABLISHED || state == SYN_SENT || state == SYN_RECV || state == SYNACK;
    }

    /** Whether no handshake was completed yet. */
    public static boolean isHalfOpen(int state) {
        return state == NONE || state == SYN_SENT || state == SYN_RECV || state == SYNACK;
    }

    /** The kernel's name. */
    public static String name(int state) {
        return NAMES[state];
    }
}
