package org.jvs.core.engine;

import org.jvs.core.net.Protocol;
import org.jvs.core.state.TcpState;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Control;
import org.jvs.core.table.Counters;
import org.jvs.core.table.Destinations;
import org.jvs.core.table.Found;
import org.jvs.core.wire.Packet;

/** Keeps connections' states and everybody's counters up with the packets seen. */
final class Tracker {
    private static final int LANE = 0;

    private final Director director;
    private final Destinations destinations;
    private final Counters counters;

    Tracker(Director director) {
        this.director = director;
        this.destinations = director.destinations;
        this.counters = director.counters;
    }

    /** Counts a new connection. */
    void countConnection(int line) {
        counters.add(LANE, destinations.counters(line), Counters.CONNECTIONS, 1);
        counters.add(LANE, destinations.service(line), Counters.CONNECTIONS, 1);
        counters.add(LANE, Counters.TOTAL, Counters.CONNECTIONS, 1);
    }

    /** Counts a packet to a destination, unless it was removed (ip_vs_in_stats). */
    void countIn(int line, int length) {
        if (destinations.isAvailable(line)) {
            count(line, Counters.IN_PACKETS, Counters.IN_BYTES, length);
        }
    }

    /** Counts a packet from a destination, unless it was removed (ip_vs_out_stats). */
    void countOut(int line, int length) {
        if (destinations.isAvailable(line)) {
            count(line, Counters.OUT_PACKETS, Counters.OUT_BYTES, length);
        }
    }

    private void count(int line, int packets, int bytes, int length) {
        int own = destinations.counters(line);
        int service = destinations.service(line);
        counters.addPacket(LANE, own, packets, bytes, length);
        counters.addPacket(LANE, service, packets, bytes, length);
        counters.addPacket(LANE, Counters.TOTAL, packets, bytes, length);
    }

    /** Moves a connection's state on, and starts its timeout anew. */
    void observe(ConnectionTable table, Found found, Packet packet, boolean output, int now) {
        int slot = found.slot();
        while (true) {
            long before = table.control(slot);
            if (Control.phase(before) != Control.LIVE
                    || !Control.sameGeneration(before, found.word())) {
                // being moved, or gone and perhaps another one's: the next packet will do
                return;
            }
            long after = after(before, packet, output);
            if (after == before || table.update(slot, before, after)) {
                table.touch(slot, now);
                if (Control.has(after, Control.CONTROLLED)) {
                    boolean assured =
                            packet.protocol() == Protocol.UDP
                                    ? output
                                    : Control.state(after) == TcpState.ESTABLISHED;
                    if (assured) {
                        assureTemplate(table, found);
                    }
                }
                return;
            }
        }
    }

    /** What a connection's control word becomes with a packet. */
    long after(long before, Packet packet, boolean output) {
        return switch (packet.protocol()) {
            case Protocol.TCP -> afterTcp(before, packet.tcpFlags(), output);
            case Protocol.UDP -> Control.withTimeout(before, director.timeouts.udp());
            default -> before;
        };
    }

    private long afterTcp(long before, int flags, boolean output) {
        int direction = output ? TcpState.OUTPUT : TcpState.INPUT;
        long word = before;
        if (Control.has(before, Control.NO_OUTPUT)) {
            if (output) {
                word &= ~Control.NO_OUTPUT;
            } else {
                direction = TcpState.INPUT_ONLY;
            }
        }
        boolean secure = director.settings.secureTcp() > 1;
        int state = TcpState.next(Control.state(word), direction, flags, secure);
        word = Control.withState(word, state);
        word = TcpState.isActive(state) ? word & ~Control.INACTIVE : word | Control.INACTIVE;
        return Control.withTimeout(word, director.timeouts.tcp(state));
    }

    /** Marks the template of a connection that was established. */
    static void assureTemplate(ConnectionTable table, Found found) {
        int template = table.template(found.slot());
        if (template == ConnectionTable.NONE) {
            return;
        }
        long word = table.control(template);
        // a template stays while it has connections: this one's it was, if that is still there
        if (Control.has(word, Control.TEMPLATE)
                && !Control.has(word, Control.ASSURED)
                && table.isStill(found)) {
            table.update(template, word, word | Control.ASSURED);
        }
    }

    /** Whether conn_reuse_mode lets a SYN replace the entry (is_new_conn_expected). */
    boolean isReusable(long word) {
        int mode = director.settings.connReuseMode();
        if (mode == 0 || Control.has(word, Control.CONTROLLED)) {
            return false;
        }
        int state = Control.state(word);
        return state == TcpState.TIME_WAIT
                || state == TcpState.CLOSE
                || (mode & 2) != 0
                        && state == TcpState.FIN_WAIT
                        && Control.has(word, Control.NO_OUTPUT);
    }
}
