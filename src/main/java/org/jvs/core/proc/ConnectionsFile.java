package org.jvs.core.proc;

import static org.jvs.core.proc.Hex.left;

import java.util.function.Consumer;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.ConnectionListing;
import org.jvs.core.net.Protocol;

/**
 * {@code /proc/net/ip_vs_conn}, and {@code ip_vs_conn_sync} with the origin in place of the
 * persistence engine. Expiry is in whole seconds, cut off.
 *
 * @param withOrigin which of the two it is
 */
record ConnectionsFile(boolean withOrigin) {
    void print(Admin admin, Consumer<String> lines) {
        lines.accept(
                "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       "
                        + (withOrigin ? "Origin Expires" : "Expires PEName PEData"));
        admin.connections(connection -> lines.accept(line(connection)));
    }

    private String line(ConnectionListing connection) {
        String expires = Long.toString(connection.expiresMs() / 1000);
        StringBuilder line =
                new StringBuilder(160)
                        .append(left(Protocol.name(connection.protocol()), 3))
                        .append(end(connection.client(), connection.clientPort()))
                        .append(end(connection.virtual(), connection.virtualPort()))
                        .append(end(connection.destination(), connection.destinationPort()))
                        .append(' ')
                        .append(left(connection.state(), 11))
                        .append(' ');
        if (withOrigin) {
            // entries of a sync peer come with the sync daemon
            line.append("LOCAL  ");
        }
        line.append(" ".repeat(Math.max(0, 7 - expires.length()))).append(expires);
        if (!withOrigin && !connection.persistenceEngine().isEmpty()) {
            line.append(' ')
                    .append(connection.persistenceEngine())
                    .append(' ')
                    .append(connection.persistenceData());
        }
        return line.toString();
    }

    private static String end(org.jvs.core.net.Address address, int port) {
        return " " + Hex.address(address) + " " + Hex.port(port);
    }
}
