package org.jvs.conformance;

import java.lang.foreign.Arena;
import org.jvs.core.admin.Admin;
import org.jvs.core.engine.Director;
import org.jvs.core.engine.DirectorOptions;
import org.jvs.core.engine.Host;
import org.jvs.core.engine.Verdict;
import org.jvs.core.wire.Packet;

/** JVS itself, without I/O, as small as the kernel of the recordings. */
final class DirectorSubject implements Subject {
    /** The kernel's default table, whose size every listing shows. */
    private static final int TABLE_SIZE = 4096;

    private static final int DESTINATIONS = 4096;
    private static final int SERVICES = 1024;
    private static final int NO_ICMP_LIMIT = 0;

    private final Director director;
    private long nowMs;

    DirectorSubject(Host host, Arena arena) {
        director =
                new Director(
                        new DirectorOptions(TABLE_SIZE, DESTINATIONS, SERVICES, 1, NO_ICMP_LIMIT),
                        host,
                        arena);
    }

    @Override
    public Admin admin() {
        return director;
    }

    @Override
    public void advance(long now) {
        nowMs = now;
        director.advance(now);
    }

    @Override
    public Verdict process(Packet packet) {
        return director.engine().process(packet, nowMs);
    }
}
