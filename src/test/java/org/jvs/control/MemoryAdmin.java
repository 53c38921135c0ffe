package org.jvs.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.ConnectionListing;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.admin.Stats;
import org.jvs.core.admin.SyncDaemon;
import org.jvs.core.admin.Timeouts;
import org.jvs.core.net.Address;

/**
 * A director without packets, so that the command line and the socket are tested on their own: the
 * tables and refusals of the kernel, as far as ipvsadm shows them.
 */
public class MemoryAdmin implements Admin {
    private static final Set<String> SCHEDULERS =
            Set.of(
                    "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf",
                    "mh", "twos");

    /** What is listed beside the configuration; set by tests. */
    public final List<ConnectionListing> connections = new ArrayList<>();

    public Stats stats = Stats.ZERO;

    /** Calls of {@link #apply} so far. */
    public int batches;

    private final Map<ServiceKey, ServiceSpec> services = new LinkedHashMap<>();
    private final Map<ServiceKey, List<DestinationSpec>> destinations = new LinkedHashMap<>();
    private final List<SyncDaemon> daemons = new ArrayList<>();
    private Timeouts timeouts = Timeouts.DEFAULT;

    @Override
    public synchronized List<Outcome> apply(List<Command> commands) {
        batches++;
        List<Outcome> outcomes = new ArrayList<>();
        for (Command command : commands) {
            outcomes.add(one(command));
        }
        return outcomes;
    }

    private Outcome one(Command command) {
        return switch (command) {
            case Command.AddService c -> service(c.service(), false);
            case Command.EditService c -> service(c.service(), true);
            case Command.DeleteService c -> {
                destinations.remove(c.service());
                yield services.remove(c.service()) == null ? Outcome.NO_SERVICE : Outcome.OK;
            }
            case Command.AddDestination c -> destination(c.service(), c.destination(), false);
            case Command.EditDestination c -> destination(c.service(), c.destination(), true);
            case Command.DeleteDestination c -> delete(c.service(), c.destination());
            case Command.Flush _ -> {
                services.clear();
                destinations.clear();
                yield Outcome.OK;
            }
            case Command.Zero c ->
                    c.service() == null || services.containsKey(c.service())
                            ? Outcome.OK
                            : Outcome.NO_SERVICE;
            case Command.SetTimeouts c -> {
                Timeouts set = c.timeouts();
                timeouts =
                        new Timeouts(
                                set.tcp() == 0 ? timeouts.tcp() : set.tcp(),
                                set.tcpFin() == 0 ? timeouts.tcpFin() : set.tcpFin(),
                                set.udp() == 0 ? timeouts.udp() : set.udp());
                yield Outcome.OK;
            }
            case Command.StartDaemon c -> start(c.daemon());
            case Command.StopDaemon c ->
                    daemons.removeIf(d -> d.master() == c.daemon().master())
                            ? Outcome.OK
                            : Outcome.NO_SERVICE;
            case Command.SetSetting _ -> Outcome.OK;
        };
    }

    private Outcome service(ServiceSpec spec, boolean edit) {
        if (services.containsKey(spec.key()) != edit) {
            return edit ? Outcome.NO_SERVICE : Outcome.EXISTS;
        }
        boolean engine =
                spec.persistenceEngine().isEmpty() || spec.persistenceEngine().equals("sip");
        if (!SCHEDULERS.contains(spec.scheduler()) || !engine) {
            return Outcome.NOT_FOUND;
        }
        services.put(spec.key(), spec);
        destinations.putIfAbsent(spec.key(), new ArrayList<>());
        return Outcome.OK;
    }

    private Outcome destination(ServiceKey key, DestinationSpec spec, boolean edit) {
        List<DestinationSpec> list = destinations.get(key);
        if (list == null) {
            return Outcome.NO_SERVICE;
        }
        Address address = spec.address();
        int first = (int) (address.lo() >>> 24);
        if (!address.isIpv6() && (first == 0 || first >= 224)) {
            return Outcome.INVALID;
        }
        if (spec.lowerThreshold() > spec.upperThreshold()) {
            return Outcome.RANGE;
        }
        int at = find(list, spec);
        if (at >= 0 != edit) {
            return edit ? Outcome.NOT_FOUND : Outcome.EXISTS;
        }
        if (edit) {
            list.set(at, spec);
        } else {
            list.addFirst(spec);
        }
        return Outcome.OK;
    }

    private Outcome delete(ServiceKey key, DestinationSpec spec) {
        List<DestinationSpec> list = destinations.get(key);
        if (list == null) {
            return Outcome.NO_SERVICE;
        }
        int at = find(list, spec);
        if (at < 0) {
            return Outcome.NOT_FOUND;
        }
        list.remove(at);
        return Outcome.OK;
    }

    private static int find(List<DestinationSpec> list, DestinationSpec wanted) {
        for (int i = 0; i < list.size(); i++) {
            DestinationSpec there = list.get(i);
            if (there.port() == wanted.port() && there.address().equals(wanted.address())) {
                return i;
            }
        }
        return -1;
    }

    private Outcome start(SyncDaemon daemon) {
        if (daemons.stream().anyMatch(d -> d.master() == daemon.master())) {
            return Outcome.EXISTS;
        }
        if (!Set.of("eth0", "eth1").contains(daemon.multicastInterface())) {
            return Outcome.NO_DEVICE;
        }
        Address group = daemon.multicastGroup();
        daemons.add(
                new SyncDaemon(
                        daemon.master(),
                        daemon.multicastInterface(),
                        daemon.syncId(),
                        daemon.maxLength() == 0 ? 1472 : daemon.maxLength(),
                        group == null ? Address.parse("224.0.0.81") : group,
                        daemon.multicastPort() == 0 ? 8848 : daemon.multicastPort(),
                        daemon.multicastTtl() == 0 ? 1 : daemon.multicastTtl()));
        daemons.sort((a, b) -> Boolean.compare(b.master(), a.master()));
        return Outcome.OK;
    }

    @Override
    public synchronized List<ServiceListing> services() {
        List<ServiceListing> all = new ArrayList<>();
        for (ServiceKey key : services.keySet()) {
            all.add(listing(key));
        }
        return all;
    }

    private ServiceListing listing(ServiceKey key) {
        List<DestinationListing> list = new ArrayList<>();
        for (DestinationSpec spec : destinations.getOrDefault(key, List.of())) {
            list.add(new DestinationListing(spec, 0, 0, 0, stats));
        }
        ServiceSpec spec = services.get(key);
        if (spec == null) {
            throw new IllegalStateException("no " + key);
        }
        return new ServiceListing(spec, stats, list);
    }

    @Override
    public synchronized @Nullable ServiceListing service(ServiceKey key) {
        return services.containsKey(key) ? listing(key) : null;
    }

    @Override
    public Stats totals() {
        return stats;
    }

    @Override
    public void connections(Consumer<ConnectionListing> consumer) {
        connections.forEach(consumer);
    }

    @Override
    public synchronized Timeouts timeouts() {
        return timeouts;
    }

    @Override
    public synchronized List<SyncDaemon> daemons() {
        return List.copyOf(daemons);
    }

    @Override
    public SortedMap<String, String> settings() {
        return new TreeMap<>(Map.of("conn_reuse_mode", "1", "sync_threshold", "3\t50"));
    }

    @Override
    public int tableSize() {
        return 4096;
    }
}
