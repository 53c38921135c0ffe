package org.jvs.cli.ipvsadm;

import java.util.function.Consumer;
import org.jvs.core.admin.ConnectionListing;
import org.jvs.core.net.Protocol;

/** Prints the connection entries of {@code ipvsadm -Lc}, one line each, as they come. */
final class ConnectionTable implements Consumer<ConnectionListing> {
    private final Text out;
    private final Names names;
    private final boolean numeric;
    private final boolean engines;

    ConnectionTable(Console console, Names names, Invocation line) {
        this.out = console.out();
        this.names = names;
        this.numeric = line.has(Option.NUMERIC);
        this.engines = line.has(Option.PERSISTENT_CONN);
    }

    void title() {
        out.add("IPVS connection entries").line();
        out.add("pro expire ").left("state", 11).add(' ').left("source", 18);
        out.add(' ').left("virtual", 18).add(' ');
        if (engines) {
            out.left("destination", 18).add(' ').left("pe name", 16).add(" pe_data").line();
        } else {
            out.add("destination").line();
        }
    }

    @Override
    public void accept(ConnectionListing entry) {
        int protocol =
                switch (entry.protocol()) {
                    case Protocol.TCP, Protocol.UDP, Protocol.SCTP -> entry.protocol();
                    default -> Protocol.IP;
                };
        out.left(Protocol.name(entry.protocol()), 3).add(' ').left(time(entry.expiresMs()), 6);
        out.add(' ').left(entry.state(), 11).add(' ');
        out.left(Endpoint.format(entry.client(), entry.clientPort(), protocol, numeric, names), 18);
        out.add(' ');
        out.left(
                Endpoint.format(entry.virtual(), entry.virtualPort(), protocol, numeric, names),
                18);
        out.add(' ');
        String destination =
                Endpoint.format(
                        entry.destination(), entry.destinationPort(), protocol, numeric, names);
        if (engines && !entry.persistenceEngine().isEmpty()) {
            out.left(destination, 16).add(' ').left(entry.persistenceEngine(), 18);
            out.add(' ').add(entry.persistenceData());
        } else {
            out.add(destination);
        }
        out.line();
    }

    /** Minutes and seconds, two digits each at least. */
    private static String time(long ms) {
        long seconds = ms / 1000;
        long minutes = seconds / 60;
        long rest = seconds % 60;
        return (minutes < 10 ? "0" : "") + minutes + (rest < 10 ? ":0" : ":") + rest;
    }
}
