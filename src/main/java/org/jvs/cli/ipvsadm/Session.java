package org.jvs.cli.ipvsadm;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.Timeouts;

/** One run's connection to the director, made when first needed, and what is read through it. */
final class Session {
    private final Console console;
    private final Names names;
    private final Supplier<Admin> supplier;
    private @Nullable Admin admin;

    Session(Console console, Names names, Supplier<Admin> supplier) {
        this.console = console;
        this.names = names;
        this.supplier = supplier;
    }

    Names names() {
        return names;
    }

    Admin admin() {
        Admin open = admin;
        if (open == null) {
            open = supplier.get();
            admin = open;
        }
        return open;
    }

    /** Prints what a list or save command asks for. */
    void show(Invocation line) {
        Text out = console.out();
        if (line.command == Option.SAVE) {
            all(line);
        } else if (line.has(Option.CONNECTION)) {
            ConnectionTable table = new ConnectionTable(console, names, line);
            Admin open = admin();
            table.title();
            open.connections(table);
        } else if (line.has(Option.SERVICE)) {
            ServiceListing service = admin().service(line.key());
            if (service == null) {
                console.message(Messages.NO_SERVICE);
                throw new Exit(1);
            }
            new Listing(console, names, line).one(service);
        } else if (line.has(Option.TIMEOUT)) {
            Timeouts timeouts = admin().timeouts();
            out.add("Timeout (tcp tcpfin udp): ").add(timeouts.tcp()).add(' ');
            out.add(timeouts.tcpFin()).add(' ').add(timeouts.udp()).line();
        } else if (line.has(Option.DAEMON)) {
            Listing.daemons(out, admin().daemons());
        } else {
            all(line);
        }
    }

    private void all(Invocation line) {
        Admin open = admin();
        int size = line.command == Option.SAVE ? 0 : open.tableSize();
        new Listing(console, names, line).all(size, open.services());
    }
}
