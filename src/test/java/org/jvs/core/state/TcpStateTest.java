package org.jvs.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.jvs.core.wire.Ip;

/** The kernel's tables, written down a second time as differences from the normal one. */
class TcpStateTest {
    private static final List<String> NAMES =
            List.of("NO", "ES", "SS", "SR", "FW", "TW", "CL", "CW", "LA", "LI", "SA");
    private static final int[] EVENTS = {Ip.SYN, Ip.FIN, Ip.ACK, Ip.RST};

    private static final String[][] NORMAL = {
        {
            "SR ES ES SR SR SR SR SR SR SR SR",
            "CL CW SS TW TW TW CL CW LA LI TW",
            "ES ES SS ES FW TW CL CW CL LI ES",
            "CL CL CL SR CL CL CL CL LA LI SR"
        },
        {
            "SS ES SS SR SS SS SS SS SS LI SR",
            "TW FW SS TW FW TW CL TW LA LI TW",
            "ES ES SS ES FW TW CL CW LA ES ES",
            "CL CL SS CL CL TW CL CL CL CL CL"
        },
        {
            "SR ES ES SR SR SR SR SR SR SR SR",
            "CL FW SS TW FW TW CL CW LA LI TW",
            "ES ES SS ES FW TW CL CW CL LI ES",
            "CL CL CL SR CL CL CL CL LA LI CL"
        }
    };

    private static int state(String name) {
        return NAMES.indexOf(name);
    }

    @Test
    void followsTheKernelsTable() {
        for (int direction = 0; direction < 3; direction++) {
            for (int event = 0; event < 4; event++) {
                List<String> row = Arrays.asList(NORMAL[direction][event].split(" "));
                for (int state = 0; state < TcpState.COUNT; state++) {
                    assertThat(TcpState.next(state, direction, EVENTS[event], false))
                            .as("direction %s event %s state %s", direction, event, state)
                            .isEqualTo(state(row.get(state)));
                }
            }
        }
    }

    @Test
    void secureTcpDiffersWhereTheKernelDoes() {
        for (int direction = 0; direction < 3; direction++) {
            for (int event = 0; event < 4; event++) {
                for (int state = 0; state < TcpState.COUNT; state++) {
                    int normal = TcpState.next(state, direction, EVENTS[event], false);
                    assertThat(TcpState.next(state, direction, EVENTS[event], true))
                            .as("direction %s event %s state %s", direction, event, state)
                            .isEqualTo(secure(direction, event, state, normal));
                }
            }
        }
    }

    private static int secure(int direction, int event, int state, int normal) {
        boolean synAck = state == TcpState.SYNACK;
        boolean synReceived = state == TcpState.SYN_RECV;
        if (direction == TcpState.INPUT) {
            if (event == 2 && synReceived) {
                return TcpState.SYN_RECV;
            }
            if (synAck) {
                return event == 3 ? TcpState.CLOSE : TcpState.SYNACK;
            }
        }
        if (direction == TcpState.OUTPUT && event == 0 && (synAck || synReceived)) {
            return TcpState.SYNACK;
        }
        if (direction == TcpState.INPUT_ONLY && event == 0) {
            boolean kept = List.of(1, 2, 3).contains(state);
            return kept ? normal : TcpState.SYNACK;
        }
        return normal;
    }

    @Test
    void resetBeatsSynBeatsFinBeatsAck() {
        int all = Ip.RST | Ip.SYN | Ip.FIN | Ip.ACK;
        int established = TcpState.ESTABLISHED;
        assertThat(TcpState.next(established, 0, all, false)).isEqualTo(TcpState.CLOSE);
        assertThat(TcpState.next(established, 0, all & ~Ip.RST, false)).isEqualTo(established);
        assertThat(TcpState.next(established, 0, Ip.FIN | Ip.ACK, false))
                .isEqualTo(TcpState.CLOSE_WAIT);
        assertThat(TcpState.next(established, 0, 0, false)).isEqualTo(TcpState.CLOSE);
    }
}
