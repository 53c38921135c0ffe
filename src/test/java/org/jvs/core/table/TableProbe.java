package org.jvs.core.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.List;
import org.jvs.core.net.Protocol;
import org.jvs.core.state.TcpState;

/** A connection table with short ways to say what tests say often. */
final class TableProbe {
    static final long VIP = 0x0a000001;
    static final int PORT = 80;

    final Destinations destinations;
    final ConnectionTable table;
    final int lines;

    TableProbe(Arena arena, int slots, int lines) {
        this(arena, false, slots, lines);
    }

    TableProbe(Arena arena, boolean ipv6, int slots, int lines) {
        this.lines = lines;
        destinations = new Destinations(arena, Math.max(lines, 1));
        for (int i = 0; i < lines; i++) {
            int line = destinations.allocate();
            destinations.setIdentity(line, ipv6, 0, 0x0a010000 + line, 8080, 0, 0);
            destinations.setFlag(line, Destinations.AVAILABLE);
        }
        table = new ConnectionTable(arena, ipv6, slots, 0x5eed, destinations);
    }

    static long word(int state, int line, int seconds) {
        return Control.of(state, TcpState.isActive(state) ? 0 : Control.INACTIVE, line, seconds);
    }

    /** High half of a client's address: none in IPv4. */
    long hi(int client) {
        return table.isIpv6() ? 0x20010db8L << 32 | client & 0xff : 0;
    }

    int find(int client, int now) {
        return table.find(
                hi(client),
                client,
                1000,
                0,
                VIP,
                PORT,
                Protocol.TCP,
                ConnectionTable.CONNECTION,
                now,
                new Found());
    }

    int insert(int client, long control, int link, int now) {
        return table.insert(
                hi(client),
                client,
                1000,
                0,
                VIP,
                PORT,
                Protocol.TCP,
                8080,
                control,
                template(link),
                now,
                new Found());
    }

    int findTemplate(int client, int now) {
        return table.find(
                hi(client),
                client,
                0,
                0,
                VIP,
                PORT,
                Protocol.TCP,
                ConnectionTable.TEMPLATE,
                now,
                new Found());
    }

    int insertTemplate(int client, int line, int seconds, int now) {
        return table.insert(
                hi(client),
                client,
                0,
                0,
                VIP,
                PORT,
                Protocol.TCP,
                0,
                Control.of(0, Control.TEMPLATE, line, seconds),
                new Found(),
                now,
                new Found());
    }

    /** Fails unless the table is sound while nobody works on it. */
    void check() {
        assertThat(new TableCheck(destinations, null, List.of(table)).check()).isEmpty();
    }

    /** Removes everything; every count must then be 0. */
    void clear() {
        for (int kind = 0; kind < 2; kind++) {
            for (int slot = 0; slot < table.slots(); slot++) {
                if (Control.phase(table.control(slot)) == Control.LIVE) {
                    table.remove(slot);
                }
            }
        }
        assertThat(table.size()).isZero();
        for (int line = 0; line < lines; line++) {
            assertThat(destinations.isReferred(line)).isFalse();
        }
    }

    /** What was found when a connection's template was, by the link; nothing for 0. */
    Found template(int link) {
        Found found = new Found();
        if (link != 0) {
            found.slot = link - 1;
            found.word = table.control(link - 1);
        }
        return found;
    }
}
