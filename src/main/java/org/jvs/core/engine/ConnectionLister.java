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
import org.jvs.core.table.Found;

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
        Found found = new Found();
        for (int slot = 0; slot < table.slots(); slot++) {
            if (table.isLive(slot, now) && table.read(slot, now, found)) {
                consumer.accept(show(table, found));
            }
        }
    }

    private ConnectionListing show(ConnectionTable table, Found found) {
        Family family = table.isIpv6() ? Family.IPV6 : Family.IPV4;
        boolean invalid = Control.has(found.word(), Control.INVALID);
        int line = found.destination();
        Address destination =
                new Address(
                        destinations.isIpv6(line) ? Family.IPV6 : Family.IPV4,
                        destinations.addressHi(line),
                        destinations.addressLo(line));
        return new ConnectionListing(
                found.protocol(),
                new Address(family, found.clientHi(), found.clientLo()),
                found.clientPort(),
                new Address(family, found.virtualHi(), found.virtualLo()),
                invalid ? INVALID_PORT : found.virtualPort(),
                destination,
                invalid ? INVALID_PORT : found.destinationPort(),
                stateName(found.protocol(), found.word()),
                found.expiresMs(),
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
