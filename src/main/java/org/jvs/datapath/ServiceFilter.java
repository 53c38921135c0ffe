package org.jvs.datapath;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.linux.BpfMap;

/// What the XDP programs hand up, kept in step with the services: it hears of every command that
/// the director carried out, and writes what changed to the map in batches.
///
/// What a removed service or destination wanted stays wanted for [#LINGER_MS], because its
/// connections live on; the engine gives back what it does not know. Without any service nothing is
/// handed up at all, as the kernel unhooks IPVS with its last service.
///
/// Firewall-mark services want nothing: packets have no marks in XDP.
public final class ServiceFilter implements AutoCloseable {
    /// The longest that an established TCP connection is remembered by default.
    static final long LINGER_MS = 900_000;

    private static final int MAX_ENTRIES = 1 << 19;
    private static final int BATCH = 1024;
    private static final int FTP_CONTROL = 21;
    private static final int FLAGS = 8;

    /// A destination's place within its service.
    private record Endpoint(Address address, int port) {}

    private record Removal(long atMs, FilterKey key, int flag) {}

    private final BpfMap map =
            BpfMap.create(
                    BpfMap.Type.HASH,
                    FilterProgram.FILTER.name(),
                    FilterKey.BYTES,
                    FilterKey.VALUE_BYTES,
                    MAX_ENTRIES,
                    BpfMap.NO_PREALLOC);
    private final Arena arena = Arena.ofShared();
    private final MemorySegment keys = arena.allocate((long) FilterKey.BYTES * BATCH, 8);
    private final MemorySegment values = arena.allocate((long) FilterKey.VALUE_BYTES * BATCH, 8);
    private final MemorySegment oneKey = arena.allocate(FilterKey.BYTES, 8);
    private final HostTables host;
    private final Map<ServiceKey, Map<Endpoint, ForwardingMethod>> services = new HashMap<>();

    /// How often each flag (by bit number) of each key is wanted.
    private final Map<FilterKey, int[]> wanted = new HashMap<>();

    private final Map<FilterKey, Integer> written = new HashMap<>();
    private final Set<FilterKey> changed = new HashSet<>();
    private final ArrayDeque<Removal> removals = new ArrayDeque<>();
    private final Set<FilterKey> ownServers = new HashSet<>();
    private Consumer<Set<FilterKey>> ownServersChanged = _ -> {};
    private List<Address> local = List.of();
    private long nowMs;
    private boolean wasEmpty = true;
    private boolean full;

    /// Makes an empty filter.
    ///
    /// @param host tells which addresses are this machine's
    public ServiceFilter(HostTables host) {
        this.host = host;
    }

    /// The map, for programs.
    BpfMap map() {
        return map;
    }

    /// Says who is to hear when NAT realservers that are this machine itself come or go: address,
    /// protocol and port of all of them. Those on all ports are not told of.
    synchronized void onOwnServers(Consumer<Set<FilterKey>> listener) {
        ownServersChanged = listener;
        listener.accept(Set.copyOf(ownServers));
    }

    /// Whether the map could not take all that is wanted.
    public synchronized boolean isFull() {
        return full;
    }

    /// Follows commands that were carried out.
    ///
    /// @param outcomes as the director gave them, one for each command
    public synchronized void follow(List<Command> commands, List<Outcome> outcomes, long now) {
        nowMs = now;
        for (int i = 0; i < commands.size(); i++) {
            if (outcomes.get(i) == Outcome.OK) {
                follow(commands.get(i));
            }
        }
        write();
    }

    /// Follows the host's own addresses.
    public synchronized void hostChanged() {
        local.forEach(address -> want(FilterKey.of(address), FilterKey.LOCAL, -1));
        local = host.localAddresses();
        local.forEach(address -> want(FilterKey.of(address), FilterKey.LOCAL, 1));
        services.keySet().stream()
                .filter(key -> !key.isMark())
                .forEach(key -> changed.add(FilterKey.of(key.address())));
        written.forEach((key, flags) -> {
            if (!key.isAddress() && (flags & FilterKey.REALSERVER) != 0) {
                changed.add(key);
            }
        });
        write();
    }

    /// Ends what has lingered long enough; to be called now and then.
    public synchronized void advance(long now) {
        nowMs = now;
        for (Removal next = removals.peekFirst();
                next != null && now - next.atMs >= LINGER_MS;
                next = removals.peekFirst()) {
            removals.removeFirst();
            want(next.key, next.flag, -1);
        }
        write();
    }

    private void follow(Command command) {
        switch (command) {
            case Command.AddService(var spec) -> {
                services.put(spec.key(), new HashMap<>());
                service(spec.key(), true);
            }
            case Command.DeleteService(var key) -> remove(key);
            case Command.Flush() -> List.copyOf(services.keySet()).forEach(this::remove);
            case Command.AddDestination(var key, var spec) -> set(key, spec, spec.method());
            case Command.EditDestination(var key, var spec) -> set(key, spec, spec.method());
            case Command.DeleteDestination(var key, var spec) -> set(key, spec, null);
            case Command.EditService _,
                    Command.Zero _,
                    Command.SetTimeouts _,
                    Command.StartDaemon _,
                    Command.StopDaemon _,
                    Command.SetSetting _ -> {}
        }
    }

    private void remove(ServiceKey key) {
        Map<Endpoint, ForwardingMethod> destinations = services.remove(key);
        if (destinations == null) {
            return;
        }
        destinations.forEach((endpoint, method) -> destination(key, endpoint, method, false));
        service(key, false);
    }

    private void set(ServiceKey key, DestinationSpec spec, @Nullable ForwardingMethod method) {
        Map<Endpoint, ForwardingMethod> destinations = services.get(key);
        if (destinations == null) {
            return;
        }
        Endpoint endpoint = new Endpoint(spec.address(), spec.port());
        ForwardingMethod before =
                method == null ? destinations.remove(endpoint) : destinations.put(endpoint, method);
        if (method != null) {
            destination(key, endpoint, method, true);
        }
        if (before != null) {
            destination(key, endpoint, before, false);
        }
    }

    private void service(ServiceKey key, boolean added) {
        if (key.isMark() || !isCarried(key.protocol())) {
            return;
        }
        boolean tcp = key.protocol() == Protocol.TCP;
        FilterKey address = FilterKey.of(key.address());
        change(address, FilterKey.VIRTUAL, added);
        if (key.port() == 0) {
            change(address, tcp ? FilterKey.ALL_TCP : FilterKey.ALL_UDP, added);
        } else {
            FilterKey exact = new FilterKey(key.address(), key.port(), key.protocol());
            change(exact, FilterKey.SERVICE, added);
            if (tcp && key.port() == FTP_CONTROL) {
                change(address, FilterKey.FTP, added);
            }
        }
    }

    private void destination(
            ServiceKey key, Endpoint endpoint, ForwardingMethod method, boolean added) {
        boolean carried = !key.isMark() && isCarried(key.protocol());
        if (!carried || method != ForwardingMethod.NAT) {
            return;
        }
        boolean tcp = key.protocol() == Protocol.TCP;
        FilterKey address = FilterKey.of(endpoint.address);
        change(address, FilterKey.REALSERVER, added);
        boolean anyPort = endpoint.port == 0 || key.port() == 0 || tcp && key.port() == FTP_CONTROL;
        if (anyPort) {
            change(address, tcp ? FilterKey.REPLY_ALL_TCP : FilterKey.REPLY_ALL_UDP, added);
        }
        // an FTP server's control connection has a port of its own
        boolean exactPort = !anyPort || endpoint.port != 0 && key.port() != 0;
        if (exactPort) {
            FilterKey exact = new FilterKey(endpoint.address, endpoint.port, key.protocol());
            change(exact, FilterKey.REALSERVER, added);
        }
    }

    private static boolean isCarried(int protocol) {
        return protocol == Protocol.TCP || protocol == Protocol.UDP;
    }

    private void change(FilterKey key, int flag, boolean added) {
        if (added) {
            want(key, flag, 1);
        } else {
            removals.addLast(new Removal(nowMs, key, flag));
        }
    }

    private void want(FilterKey key, int flag, int amount) {
        int[] counts = wanted.computeIfAbsent(key, _ -> new int[FLAGS]);
        counts[Integer.numberOfTrailingZeros(flag)] += amount;
        changed.add(key);
    }

    /// The value that the map should have for a key; 0 for none.
    private int flags(FilterKey key) {
        int[] counts = wanted.get(key);
        if (counts == null || services.isEmpty()) {
            return 0;
        }
        int flags = 0;
        for (int bit = 0; bit < FLAGS; bit++) {
            flags |= counts[bit] > 0 ? 1 << bit : 0;
        }
        Address address = key.address();
        if (key.isAddress()
                && !host.isLocal(address.family() == Family.IPV6, address.hi(), address.lo())) {
            // what is routed through this machine is none of its virtual addresses
            flags &= ~(FilterKey.VIRTUAL | FilterKey.ALL_TCP | FilterKey.ALL_UDP | FilterKey.FTP);
        }
        return flags;
    }

    private void write() {
        if (services.isEmpty() != wasEmpty) {
            wasEmpty = services.isEmpty();
            if (wasEmpty) {
                for (Removal removal : removals) {
                    want(removal.key, removal.flag, -1);
                }
                removals.clear();
            }
            changed.addAll(wanted.keySet());
        }
        int count = 0;
        boolean ownChanged = false;
        for (FilterKey key : changed) {
            int flags = flags(key);
            if (!key.isAddress()) {
                ownChanged |=
                        isOwnServer(key, flags) ? ownServers.add(key) : ownServers.remove(key);
            }
            int before = written.getOrDefault(key, 0);
            if (flags != before && flags == 0) {
                key.write(oneKey, 0);
                map.delete(oneKey);
                written.remove(key);
            } else if (flags != before) {
                key.write(keys, (long) count * FilterKey.BYTES);
                values.setAtIndex(JAVA_INT, count, flags);
                written.put(key, flags);
                count = count + 1 < BATCH ? count + 1 : put(BATCH);
            }
            int[] counts = wanted.get(key);
            if (counts != null && isZero(counts)) {
                wanted.remove(key);
            }
        }
        put(count);
        changed.clear();
        if (ownChanged) {
            ownServersChanged.accept(Set.copyOf(ownServers));
        }
    }

    private boolean isOwnServer(FilterKey key, int flags) {
        Address address = key.address();
        return (flags & FilterKey.REALSERVER) != 0
                && host.isLocal(address.isIpv6(), address.hi(), address.lo());
    }

    private static boolean isZero(int[] counts) {
        for (int count : counts) {
            if (count != 0) {
                return false;
            }
        }
        return true;
    }

    private int put(int count) {
        if (count > 0) {
            full |= map.updateBatch(keys, values, count) < count;
        }
        return 0;
    }

    @Override
    public synchronized void close() {
        map.close();
        arena.close();
    }
}
