package org.jvs.core.engine;

import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.ConnectionListing;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.Stats;
import org.jvs.core.admin.SyncDaemon;
import org.jvs.core.admin.Timeouts;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.sched.SchedulerSettings;
import org.jvs.core.state.StateTimeouts;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Counters;
import org.jvs.core.table.Destinations;
import org.jvs.core.table.Meter;
import org.jvs.core.table.TableMemory;
import org.jvs.core.table.TableMemory.Part;
import org.jvs.core.wire.Ip;

/**
 * A director: its services, destinations, connections, settings and counters. Commands and listings
 * may come from any thread, one at a time; packets go through the {@link Engine}, which reads what
 * this publishes.
 *
 * <p>The clock is the caller's: {@link #advance} says what time it is, in milliseconds from any
 * start.
 */
public final class Director implements Admin, SchedulerSettings {
    /** How long the sweeper takes for one round of the connection tables. */
    private static final long SWEEP_ROUND_MS = 1000;

    /** 224.0.0.81, where sync daemons meet. */
    private static final Address DEFAULT_SYNC_GROUP = Address.ipv4(0xe0000051);

    private static final int DEFAULT_SYNC_PORT = 8848;

    final Host host;
    final Settings settings = new Settings();
    final StateTimeouts timeouts = new StateTimeouts();
    final Destinations destinations;
    final Counters counters;
    final ConnectionTable ipv4;
    final ConnectionTable ipv6;
    final Configuration configuration;
    final DirectorOptions options;

    private final RandomGenerator random;
    private final Engine engine;
    private final List<SyncDaemon> daemons = new ArrayList<>();
    private volatile long nowMs;
    private long sweptUntilMs;
    private long estimatedUntilMs;
    private int ipv4Hand;
    private int ipv6Hand;

    /**
     * A director without services.
     *
     * @param allocator owns the tables' memory
     */
    public Director(DirectorOptions options, Host host, SegmentAllocator allocator) {
        this(options, host, (TableMemory) _ -> allocator);
    }

    /**
     * A director without services.
     *
     * @param memory where each table lies; zeroed
     */
    public Director(DirectorOptions options, Host host, TableMemory memory) {
        this.options = options;
        this.host = host;
        this.random = new SplittableRandom(options.seed());
        this.destinations = new Destinations(memory.of(Part.DESTINATIONS), options.destinations());
        this.counters =
                new Counters(memory.of(Part.COUNTERS), options.lanes(), options.counterLines());
        this.ipv4 =
                new ConnectionTable(
                        memory.of(Part.CONNECTIONS_IPV4),
                        false,
                        options.connections(),
                        options.ipv4Seed(),
                        options.lanes(),
                        destinations);
        this.ipv6 =
                new ConnectionTable(
                        memory.of(Part.CONNECTIONS_IPV6),
                        true,
                        options.connections(),
                        options.ipv6Seed(),
                        options.lanes(),
                        destinations);
        this.configuration =
                new Configuration(destinations, counters, host, this, options.services());
        this.engine = new Engine(this);
    }

    /** The packets' side of this director; one thread's own. */
    public Engine engine() {
        return engine;
    }

    /** The connection table of a family. */
    public ConnectionTable connections(Family family) {
        return family == Family.IPV6 ? ipv6 : ipv4;
    }

    /** The destinations' lines. */
    public Destinations destinations() {
        return destinations;
    }

    /** What is counted of packets, by line and writer. */
    public Counters counters() {
        return counters;
    }

    /** Sizes and the seed. */
    public DirectorOptions options() {
        return options;
    }

    /** Number of services. */
    public int serviceCount() {
        return configuration.services.size();
    }

    /**
     * Moves the clock: expired connections are removed, rates computed, removed destinations
     * forgotten. To be called at least once a second; takes little time each.
     *
     * @param nowMs not before the last call's
     */
    public synchronized void advance(long nowMs) {
        this.nowMs = nowMs;
        sweep(nowMs);
        if (nowMs - estimatedUntilMs >= Meter.PERIOD_MS) {
            // after a long pause the rates of the time between are gone anyway
            estimatedUntilMs = nowMs - (nowMs - estimatedUntilMs) % Meter.PERIOD_MS;
            if (settings.runEstimation()) {
                configuration.estimate();
            }
            configuration.emptyTrash(nowMs);
        }
    }

    private void sweep(long nowMs) {
        long elapsed = nowMs - sweptUntilMs;
        if (elapsed <= 0) {
            return;
        }
        int slots = options.connections();
        int count =
                elapsed >= SWEEP_ROUND_MS ? slots : (int) ((long) slots * elapsed / SWEEP_ROUND_MS);
        if (count > 0) {
            // an empty table need not be read from memory
            if (ipv4.size() > 0) {
                ipv4Hand = ipv4.sweep(ipv4Hand, count, (int) nowMs);
            }
            if (ipv6.size() > 0) {
                ipv6Hand = ipv6.sweep(ipv6Hand, count, (int) nowMs);
            }
            sweptUntilMs = nowMs;
        }
    }

    @Override
    public synchronized List<Outcome> apply(List<Command> commands) {
        List<Outcome> outcomes = new ArrayList<>(commands.size());
        for (Command command : commands) {
            outcomes.add(apply(command));
        }
        // only what is removed while the setting is on goes at once
        boolean removed = configuration.takeRemoved();
        if (removed && settings.expireNodestConn()) {
            ipv4.removeOrphans();
            ipv6.removeOrphans();
        }
        return outcomes;
    }

    private Outcome apply(Command command) {
        return switch (command) {
            case Command.AddService(var service) -> configuration.addService(service);
            case Command.EditService(var service) -> configuration.editService(service);
            case Command.DeleteService(var service) -> configuration.deleteService(service, nowMs);
            case Command.AddDestination(var service, var destination) ->
                    configuration.addDestination(service, destination, !daemons.isEmpty());
            case Command.EditDestination(var service, var destination) ->
                    configuration.editDestination(service, destination, !daemons.isEmpty());
            case Command.DeleteDestination(var service, var destination) ->
                    configuration.deleteDestination(service, destination, nowMs);
            case Command.Flush() -> configuration.flush(nowMs);
            case Command.Zero(var service) -> configuration.zero(service);
            case Command.SetTimeouts(var wanted) -> setTimeouts(wanted);
            case Command.StartDaemon(var daemon) -> startDaemon(daemon);
            case Command.StopDaemon(var daemon) -> stopDaemon(daemon);
            case Command.SetSetting(var name, var value) -> settings.set(name, value);
        };
    }

    private Outcome setTimeouts(Timeouts wanted) {
        // ip_vs_set_timeout refuses what does not fit its tick counters
        if (wanted.tcp() < 0 || wanted.tcpFin() < 0 || wanted.udp() < 0) {
            return Outcome.INVALID;
        }
        timeouts.set(wanted);
        return Outcome.OK;
    }

    private Outcome startDaemon(SyncDaemon daemon) {
        for (SyncDaemon running : daemons) {
            if (running.master() == daemon.master()) {
                return Outcome.EXISTS;
            }
        }
        if (configuration.hasMixedFamilies()) {
            return Outcome.INVALID;
        }
        int mtu = host.interfaceMtu(daemon.multicastInterface());
        if (mtu < 0) {
            return Outcome.NO_DEVICE;
        }
        daemons.add(daemon.master() ? 0 : daemons.size(), withDefaults(daemon, mtu));
        return Outcome.OK;
    }

    /** Fills in what was left open, as the kernel does when a daemon starts. */
    private static SyncDaemon withDefaults(SyncDaemon daemon, int mtu) {
        Address group = daemon.multicastGroup();
        if (group == null) {
            group = DEFAULT_SYNC_GROUP;
        }
        int headers = (group.isIpv6() ? Ip.V6_HEADER : Ip.V4_HEADER) + Ip.UDP_HEADER;
        return new SyncDaemon(
                daemon.master(),
                daemon.multicastInterface(),
                daemon.syncId(),
                daemon.maxLength() != 0 ? daemon.maxLength() : mtu - headers,
                group,
                daemon.multicastPort() != 0 ? daemon.multicastPort() : DEFAULT_SYNC_PORT,
                daemon.multicastTtl() != 0 ? daemon.multicastTtl() : 1);
    }

    private Outcome stopDaemon(SyncDaemon daemon) {
        return daemons.removeIf(running -> running.master() == daemon.master())
                ? Outcome.OK
                : Outcome.NO_SERVICE;
    }

    @Override
    public synchronized List<ServiceListing> services() {
        List<ServiceListing> listings = new ArrayList<>();
        for (Service service : configuration.services.all()) {
            listings.add(list(service));
        }
        return listings;
    }

    @Override
    public synchronized @Nullable ServiceListing service(ServiceKey key) {
        Service service = configuration.services.get(key);
        return service == null ? null : list(service);
    }

    private ServiceListing list(Service service) {
        List<DestinationListing> listed = new ArrayList<>(service.members.size());
        for (Service.Member member : service.members) {
            listed.add(
                    new DestinationListing(
                            member.spec,
                            destinations.active(member.line),
                            destinations.inactive(member.line),
                            destinations.templates(member.line),
                            member.meter.read()));
        }
        return new ServiceListing(service.view().spec(), service.meter.read(), listed);
    }

    @Override
    public synchronized Stats totals() {
        return configuration.totals.read();
    }

    @Override
    public void connections(Consumer<ConnectionListing> consumer) {
        ConnectionLister lister = new ConnectionLister(this);
        lister.list(ipv4, nowMs, consumer);
        lister.list(ipv6, nowMs, consumer);
    }

    @Override
    public Timeouts timeouts() {
        return timeouts.get();
    }

    @Override
    public synchronized List<SyncDaemon> daemons() {
        return List.copyOf(daemons);
    }

    @Override
    public SortedMap<String, String> settings() {
        return settings.all();
    }

    @Override
    public int tableSize() {
        return options.connections();
    }

    @Override
    public long lblcExpirationMs() {
        return settings.lblcExpirationMs();
    }

    @Override
    public long lblcrExpirationMs() {
        return settings.lblcrExpirationMs();
    }

    @Override
    public RandomGenerator random() {
        return random;
    }
}
