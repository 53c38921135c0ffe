package org.jvs.core.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Address;
import org.jvs.core.sched.Scheduler;
import org.jvs.core.table.DestinationIndex;
import org.jvs.core.table.Meter;

/**
 * A virtual service as the engine uses it. The configuration thread writes; a packet takes {@link
 * #view} once and works on what it got.
 */
final class Service {
    /** What a packet needs, consistent in itself. */
    record View(ServiceSpec spec, Scheduler scheduler, DestinationIndex destinations) {}

    /** One destination as configured, with the line that holds it. */
    static final class Member {
        final int line;
        final Meter meter;
        DestinationSpec spec;

        /** The service whose it is, or was when it was removed. */
        Service service;

        /**
         * Since when a removed destination has had no entries; -1 while it has some or is not
         * removed.
         */
        long idleSinceMs = -1;

        Member(int line, Meter meter, DestinationSpec spec, Service service) {
            this.line = line;
            this.meter = meter;
            this.spec = spec;
            this.service = service;
        }
    }

    final ServiceKey key;
    final Meter meter;

    /** Newest first. Configuration thread only. */
    final List<Member> members = new ArrayList<>();

    private volatile View view;

    Service(ServiceSpec spec, Meter meter, Scheduler scheduler, DestinationIndex none) {
        this.key = spec.key();
        this.meter = meter;
        this.view = new View(spec, scheduler, none);
    }

    View view() {
        return view;
    }

    void publish(View changed) {
        view = changed;
    }

    @Nullable Member member(Address address, int port) {
        for (Member member : members) {
            if (member.spec.port() == port && member.spec.address().equals(address)) {
                return member;
            }
        }
        return null;
    }
}
