package org.jvs.core.engine;

import java.util.function.Consumer;
import org.jvs.core.admin.ConnectionListing;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.core.state.TcpState;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Control;
import org.jvs.core.table.Destinations;

/**
 * Shows entries of a connection table as {@code ipvsadm -Lc} and {@code /proc/net/ip_vs_conn} want
 * them.
 */
final class ConnectionLister {
    /** What the kernel shows for both ports of a template that lost its destination. */
    private static final int INVALID_PORT = 0xffff;

    private final Destinations destinations;

    ConnectionLister(Director director) {
        destinations = director.destinations;
    }

    void list(ConnectionTable table, long nowMs, Consumer<ConnectionListing> consumer) {
        int now = (int) nowMs;
        for (int slot = 0; slot < table.slots(); slot++) {
            if (table.isLive(slot, now)) {
                consumer.accept(show(table, slot, now));
            }
        }
    }

    private ConnectionListing show(ConnectionTable table, int slot, int now) {
        Family family = table.isIpv6() ? Family.IPV6 : Family.IPV4;
        long word = table.control(slot);
        boolean invalid = Control.has(word, Control.INVALID);
        Address virtual = new Address(family, table.virtualHi(slot), table.virtualLo(slot));
        int virtualPort = table.virtualPort(slot);
        int line = Control.destination(word);
        Address destination =
                new Address(
                        destinations.isIpv6(line) ? Family.IPV6 : Family.IPV4,
                        destinations.addressHi(line),
                        destinations.addressLo(line));
        return new ConnectionListing(
                table.protocol(slot),
                new Address(family, table.clientHi(slot), table.clientLo(slot)),
                table.clientPort(slot),
                virtual,
                invalid ? INVALID_PORT : virtualPort,
                destination,
                invalid ? INVALID_PORT : table.destinationPort(slot),
                stateName(table.protocol(slot), word),
                table.expiresMs(slot, now),
                "",
                "");
    }

    private static String stateName(int protocol, long word) {
        if (Control.has(word, Control.TEMPLATE)) {
            return Control.has(word, Control.ASSURED) ? "ASSURED" : "NONE";
        }
        return switch (protocol) {
            case Protocol.TCP -> TcpState.name(Control.state(word));
            case Protocol.UDP -> "UDP";
            default -> "NONE";
        };
    }
}
