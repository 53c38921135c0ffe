package org.jvs.control;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.ConnectionListing;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.DirectorStatus;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.Stats;
import org.jvs.core.admin.SyncDaemon;
import org.jvs.core.admin.Timeouts;
import org.jvs.core.engine.Director;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.wire.Reason;
import org.jvs.datapath.Datapath;

/// A director whose commands take effect on real packets before they are answered.
final class RunningDirector implements Admin {
    private static final String CLOSED = "the director is stopping";

    private final Director director;
    private final Datapath datapath;
    private final LongSupplier clockMs;
    private final Consumer<String> log;
    private final long startMs;
    private boolean closed;

    RunningDirector(
            Director director, Datapath datapath, LongSupplier clockMs, Consumer<String> log) {
        this.director = director;
        this.datapath = datapath;
        this.clockMs = clockMs;
        this.log = log;
        this.startMs = clockMs.getAsLong();
    }

    @Override
    public synchronized List<Outcome> apply(List<Command> commands) {
        if (closed) {
            throw new IllegalStateException(CLOSED);
        }
        // addresses that were added a moment ago count
        datapath.settle();
        List<Outcome> outcomes = director.apply(commands);
        datapath.follow(commands, outcomes, clockMs.getAsLong());
        for (int i = 0; i < outcomes.size(); i++) {
            if (outcomes.get(i) == Outcome.OK) {
                warn(commands.get(i));
            }
        }
        return outcomes;
    }

    /// The kernel's IPVS translates answers of servers on the director itself whatever their port;
    /// here a rule of the host's leads them to the director, and that needs a port.
    private void warn(Command command) {
        ServiceKey key;
        DestinationSpec destination;
        switch (command) {
            case Command.AddDestination(var service, var spec) -> {
                key = service;
                destination = spec;
            }
            case Command.EditDestination(var service, var spec) -> {
                key = service;
                destination = spec;
            }
            default -> {
                return;
            }
        }
        Address address = destination.address();
        if (destination.method() == ForwardingMethod.NAT
                && (destination.port() == 0 || key.port() == 0)
                && !address.equals(key.address())
                && datapath.host().isLocal(address.isIpv6(), address.hi(), address.lo())) {
            log.accept(
                    "destination "
                            + address
                            + " of "
                            + key
                            + " is this machine: without a port its answers leave untranslated; use"
                            + " -g, and a server on the virtual address");
        }
    }

    /// Commands are refused from now on; the tables may be freed.
    synchronized void close() {
        closed = true;
    }

    @Override
    public List<ServiceListing> services() {
        return director.services();
    }

    @Override
    public @Nullable ServiceListing service(ServiceKey key) {
        return director.service(key);
    }

    @Override
    public Stats totals() {
        return director.totals();
    }

    @Override
    public void connections(Consumer<ConnectionListing> consumer) {
        director.connections(consumer);
    }

    @Override
    public Timeouts timeouts() {
        return director.timeouts();
    }

    @Override
    public List<SyncDaemon> daemons() {
        return director.daemons();
    }

    @Override
    public SortedMap<String, String> settings() {
        return director.settings();
    }

    @Override
    public int tableSize() {
        return director.tableSize();
    }

    @Override
    public DirectorStatus status() {
        ConnectionTable ipv4 = director.connections(Family.IPV4);
        ConnectionTable ipv6 = director.connections(Family.IPV6);
        List<DirectorStatus.ReasonCount> reasons = new ArrayList<>();
        for (Reason reason : Reason.values()) {
            long count = director.engine().count(reason);
            if (reason != Reason.NONE && count > 0) {
                reasons.add(
                        new DirectorStatus.ReasonCount(
                                verdict(reason), reason.name(), reason.text(), count));
            }
        }
        return new DirectorStatus(
                ProcessHandle.current().pid(),
                (clockMs.getAsLong() - startMs) / 1000,
                ipv4.size() + ipv6.size(),
                (long) ipv4.slots() + ipv6.slots(),
                datapath.status(),
                datapath.unreachable(),
                reasons);
    }

    /// What usually becomes of packets for a reason.
    private static String verdict(Reason reason) {
        return switch (reason) {
            case NO_SERVICE,
                    NO_CONNECTION,
                    NOT_SYN,
                    NOT_LOCAL,
                    ICMP_UNRELATED,
                    TRUNCATED,
                    BAD_HEADER ->
                    "pass";
            case NO_DESTINATION, TTL_EXCEEDED, TOO_BIG -> "answer";
            case CHECKSUM_MISSING -> "fixed";
            default -> "drop";
        };
    }
}
