package org.jvs.datapath.program;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.jvs.core.admin.Timeouts;
import org.jvs.core.state.StateTimeouts;
import org.jvs.core.state.TcpState;
import org.jvs.core.table.Control;
import org.jvs.core.wire.Ip;
import org.jvs.ebpf.Field;

/// What packets make of a connection's control word (map [Maps#TRANSITIONS]): `TcpState` and
/// `StateTimeouts` in one table, so that the program needs one load for state, activity and
/// timeout. An element is the state, [Control#INACTIVE] and the timeout where the control word has
/// them.
///
/// ```
///   u64 [direction][event][state]     directions and states of TcpState; 8 events of 32 states
///   u64 [0][5][0]                     UDP: the timeout alone
/// ```
public final class Transitions {
    public static final int BYTES = 3 * 8 * 32 * Long.BYTES;

    /// The bits of a control word that an element does not replace.
    static final long KEPT = -1L >>> 16 & ~(31 | Control.INACTIVE);

    static final int ROW_BYTES = 32 * Long.BYTES;

    /// Events, in the order of the rows of a direction.
    static final int ACK = 0;

    static final int RST = 1;
    static final int SYN = 2;
    static final int FIN = 3;
    static final int NONE = 4;

    private static final int EVENTS = 8;

    /// From the flag in a control word to the rows of INPUT_ONLY, seen from those of INPUT.
    static final int NO_OUTPUT_SHIFT =
            Integer.numberOfTrailingZeros(TcpState.INPUT_ONLY * EVENTS * ROW_BYTES)
                    - Long.numberOfTrailingZeros(Control.NO_OUTPUT);

    private static final int[] FLAGS = {Ip.ACK, Ip.RST, Ip.SYN, Ip.FIN, 0};
    private static final int UDP_ROW = 5;

    static final Field ELEMENT = Field.u64("transition", 0);
    static final int UDP = UDP_ROW * ROW_BYTES;

    private Transitions() {}

    /// Offset of the row of a direction and event.
    static int row(int direction, int event) {
        return (direction * EVENTS + event) * ROW_BYTES;
    }

    /// Writes the table anew; packets meanwhile find the old or the new element.
    ///
    /// @param secure whether the secure_tcp defence is active
    public static void write(MemorySegment memory, Timeouts timeouts, boolean secure) {
        StateTimeouts seconds = new StateTimeouts();
        seconds.set(timeouts);
        for (int direction = TcpState.INPUT; direction <= TcpState.INPUT_ONLY; direction++) {
            for (int event = ACK; event <= NONE; event++) {
                for (int state = 0; state < TcpState.COUNT; state++) {
                    int next = TcpState.next(state, direction, FLAGS[event], secure);
                    long flags = TcpState.isActive(next) ? 0 : Control.INACTIVE;
                    memory.set(
                            JAVA_LONG,
                            row(direction, event) + (long) state * Long.BYTES,
                            Control.of(next, flags, 0, seconds.tcp(next)));
                }
            }
        }
        memory.set(JAVA_LONG, UDP, Control.of(0, 0, 0, seconds.udp()));
    }
}
