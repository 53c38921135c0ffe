package org.jvs.core.engine;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.core.sched.Scheduler;
import org.jvs.core.sched.SchedulerSettings;
import org.jvs.core.sched.Schedulers;
import org.jvs.core.table.Control;
import org.jvs.core.table.Counters;
import org.jvs.core.table.DestinationIndex;
import org.jvs.core.table.Destinations;
import org.jvs.core.table.Meter;

/**
 * Services and destinations as commands change them, with the kernel's checks in the kernel's order
 * (ip_vs_ctl.c). Not for concurrent use; packets read what it publishes.
 *
 * <p>A removed destination is kept as long as connections refer to it and two minutes more. Adding
 * it again within that time revives it, connections and counters included.
 */
final class Configuration {
    private static final long TRASH_MS = 120_000;
    private static final int MAX_SCHEDULER_NAME = 15;

    final ServiceTable services = new ServiceTable();
    final Meter totals;

    /** Addresses of destinations behind NAT, whose packets may be replies. */
    final AddressFilter realservers = new AddressFilter();

    /** Virtual addresses. */
    final AddressFilter virtuals = new AddressFilter();

    private record TrashKey(ServiceKey service, Address address, int port) {}

    private final Destinations destinations;
    private final Counters counters;
    private final Host host;
    private final SchedulerSettings schedulerSettings;
    private final int maxServices;
    private final DestinationIndex none;
    private final Map<TrashKey, Service.Member> trash = new HashMap<>();
    private boolean removed;

    Configuration(
            Destinations destinations,
            Counters counters,
            Host host,
            SchedulerSettings schedulerSettings,
            int maxServices) {
        this.destinations = destinations;
        this.counters = counters;
        this.host = host;
        this.schedulerSettings = schedulerSettings;
        this.maxServices = maxServices;
        this.totals = new Meter(counters, Counters.TOTAL);
        this.none = new DestinationIndex(destinations);
    }

    private @Nullable Scheduler scheduler(ServiceSpec spec) {
        return spec.scheduler().length() > MAX_SCHEDULER_NAME
                ? null
                : Schedulers.create(spec.scheduler(), spec, schedulerSettings);
    }

    private static boolean isPersistenceEngine(String name) {
        return name.isEmpty() || name.equals("sip");
    }

    private static @Nullable Outcome checkKey(ServiceKey key) {
        boolean known =
                key.isMark()
                        || key.protocol() == Protocol.TCP
                        || key.protocol() == Protocol.UDP
                        || key.protocol() == Protocol.SCTP;
        return known ? null : Outcome.INVALID;
    }

    private static boolean hasBadPrefix(ServiceSpec spec) {
        return spec.key().family() == Family.IPV6 && (spec.netmask() < 1 || spec.netmask() > 128);
    }

    Outcome addService(ServiceSpec spec) {
        Outcome bad = checkKey(spec.key());
        if (bad != null) {
            return bad;
        }
        if (services.get(spec.key()) != null) {
            return Outcome.EXISTS;
        }
        Scheduler scheduler = scheduler(spec);
        if (scheduler == null || !isPersistenceEngine(spec.persistenceEngine())) {
            return Outcome.NOT_FOUND;
        }
        if (hasBadPrefix(spec)) {
            return Outcome.INVALID;
        }
        int line = services.size() < maxServices ? counters.allocate() : -1;
        if (line < 0) {
            return Outcome.NO_MEMORY;
        }
        scheduler.changed(none, Scheduler.Change.STARTED);
        services.add(new Service(hashed(spec), new Meter(counters, line), scheduler, none));
        if (!spec.key().isMark()) {
            virtuals.add(spec.key().address().hi(), spec.key().address().lo());
        }
        return Outcome.OK;
    }

    private static ServiceSpec hashed(ServiceSpec spec) {
        return new ServiceSpec(
                spec.key(),
                spec.scheduler(),
                spec.flags() | ServiceSpec.HASHED,
                spec.timeoutSeconds(),
                spec.netmask(),
                spec.persistenceEngine());
    }

    Outcome editService(ServiceSpec spec) {
        Outcome bad = checkKey(spec.key());
        if (bad != null) {
            return bad;
        }
        Service service = services.get(spec.key());
        if (service == null) {
            return Outcome.NO_SERVICE;
        }
        Scheduler made = scheduler(spec);
        if (made == null || !isPersistenceEngine(spec.persistenceEngine())) {
            return Outcome.NOT_FOUND;
        }
        if (hasBadPrefix(spec)) {
            return Outcome.INVALID;
        }
        Service.View view = service.view();
        ServiceSpec edited = hashed(spec);
        Scheduler scheduler = view.scheduler();
        if (view.spec().scheduler().equals(spec.scheduler())) {
            // its place in the list and its tables survive, only the flags are read anew
            scheduler.serviceEdited(edited);
        } else {
            scheduler = made;
            scheduler.changed(view.destinations(), Scheduler.Change.STARTED);
        }
        service.publish(new Service.View(edited, scheduler, view.destinations()));
        return Outcome.OK;
    }

    Outcome deleteService(ServiceKey key, long nowMs) {
        Service service = services.get(key);
        if (service == null) {
            return Outcome.NO_SERVICE;
        }
        services.remove(service);
        retire(service, nowMs);
        return Outcome.OK;
    }

    private void retire(Service service, long nowMs) {
        for (Service.Member member : service.members) {
            toTrash(service, member, nowMs);
            // the service's counters may soon belong to another one
            destinations.setService(member.line, Counters.NOWHERE);
        }
        service.members.clear();
        republish(service, Scheduler.Change.REMOVED);
        counters.release(service.meter.line());
    }

    Outcome flush(long nowMs) {
        for (Service service : services.all()) {
            retire(service, nowMs);
        }
        services.clear();
        return Outcome.OK;
    }

    private @Nullable Outcome checkDestination(
            ServiceKey service, DestinationSpec spec, boolean syncing) {
        if (spec.address().family() != service.family()
                && (syncing || spec.method() != ForwardingMethod.TUNNEL)) {
            return Outcome.INVALID;
        }
        if (spec.weight() < 0
                || Integer.compareUnsigned(spec.lowerThreshold(), spec.upperThreshold()) > 0) {
            return Outcome.RANGE;
        }
        boolean portlessGue =
                spec.method() == ForwardingMethod.TUNNEL
                        && spec.tunnel().type() == DestinationSpec.Tunnel.Type.GUE
                        && spec.tunnel().port() == 0;
        return portlessGue ? Outcome.INVALID : null;
    }

    /**
     * Whether a realserver may have the address: unicast, or this machine's own (ip_vs_new_dest).
     */
    private boolean isUsable(Address address) {
        if (host.isLocal(address.isIpv6(), address.hi(), address.lo())) {
            return true;
        }
        if (address.isIpv6()) {
            int first = (int) (address.hi() >>> 56);
            boolean multicast = first == 0xff;
            boolean linkLocal = address.hi() >>> 54 == 0xfe80 >>> 6;
            boolean unspecifiedOrLoopback =
                    address.hi() == 0 && (address.lo() == 0 || address.lo() == 1);
            return !multicast && !linkLocal && !unspecifiedOrLoopback;
        }
        long bits = address.lo();
        boolean zeroNetwork = bits >>> 24 == 0;
        boolean multicast = bits >>> 28 == 0xe;
        return !zeroNetwork && !multicast && bits != 0xffffffffL;
    }

    Outcome addDestination(ServiceKey key, DestinationSpec spec, boolean syncing) {
        Service service = services.get(key);
        if (service == null) {
            return Outcome.NO_SERVICE;
        }
        Outcome bad = checkDestination(key, spec, syncing);
        if (bad != null) {
            return bad;
        }
        if (service.member(spec.address(), spec.port()) != null) {
            return Outcome.EXISTS;
        }
        Service.Member member = trash.remove(new TrashKey(key, spec.address(), spec.port()));
        if (member == null) {
            if (!isUsable(spec.address())) {
                return Outcome.INVALID;
            }
            member = create(service, spec);
            if (member == null) {
                return Outcome.NO_MEMORY;
            }
        } else if (member.service != service) {
            member.meter.zero();
            member.service = service;
            destinations.setService(member.line, service.meter.line());
        }
        member.idleSinceMs = -1;
        configure(member, spec);
        service.members.addFirst(member);
        republish(service, Scheduler.Change.ADDED);
        return Outcome.OK;
    }

    private Service.@Nullable Member create(Service service, DestinationSpec spec) {
        int line = destinations.allocate();
        if (line < 0) {
            return null;
        }
        int counterLine = counters.allocate();
        if (counterLine < 0) {
            destinations.release(line);
            return null;
        }
        Address address = spec.address();
        destinations.setIdentity(
                line,
                address.isIpv6(),
                address.hi(),
                address.lo(),
                spec.port(),
                service.meter.line(),
                counterLine);
        return new Service.Member(line, new Meter(counters, counterLine), spec, service);
    }

    private void configure(Service.Member member, DestinationSpec spec) {
        int line = member.line;
        member.spec = spec;
        destinations.setMethod(line, spec.method().number());
        destinations.setTunnel(
                line, spec.tunnel().type().number(), spec.tunnel().flags(), spec.tunnel().port());
        destinations.setThresholds(line, spec.upperThreshold(), spec.lowerThreshold());
        destinations.setWeight(line, spec.weight());
        destinations.setFlag(line, Destinations.AVAILABLE);
        if (spec.method() == ForwardingMethod.NAT) {
            realservers.add(spec.address().hi(), spec.address().lo());
        }
    }

    Outcome editDestination(ServiceKey key, DestinationSpec spec, boolean syncing) {
        Service service = services.get(key);
        if (service == null) {
            return Outcome.NO_SERVICE;
        }
        Outcome bad = checkDestination(key, spec, syncing);
        if (bad != null) {
            return bad;
        }
        Service.Member member = service.member(spec.address(), spec.port());
        if (member == null) {
            return Outcome.NOT_FOUND;
        }
        configure(member, spec);
        Service.View view = service.view();
        // membership is the same, and so is the list: weights are read live
        view.scheduler().changed(view.destinations(), Scheduler.Change.EDITED);
        return Outcome.OK;
    }

    Outcome deleteDestination(ServiceKey key, DestinationSpec spec, long nowMs) {
        Service service = services.get(key);
        if (service == null) {
            return Outcome.NO_SERVICE;
        }
        Service.Member member = service.member(spec.address(), spec.port());
        if (member == null) {
            return Outcome.NOT_FOUND;
        }
        service.members.remove(member);
        republish(service, Scheduler.Change.REMOVED);
        toTrash(service, member, nowMs);
        return Outcome.OK;
    }

    /** Whether a destination was removed since the last call. */
    boolean takeRemoved() {
        boolean taken = removed;
        removed = false;
        return taken;
    }

    private void toTrash(Service service, Service.Member member, long nowMs) {
        destinations.clearFlag(member.line, Destinations.AVAILABLE);
        removed = true;
        member.idleSinceMs = nowMs;
        TrashKey key = new TrashKey(service.key, member.spec.address(), member.spec.port());
        trash.put(key, member);
    }

    /** Forgets removed destinations that have had no entries for two minutes. */
    void emptyTrash(long nowMs) {
        for (Iterator<Service.Member> each = trash.values().iterator(); each.hasNext(); ) {
            Service.Member member = each.next();
            if (destinations.isReferred(member.line)) {
                member.idleSinceMs = nowMs;
            } else if (nowMs - member.idleSinceMs >= TRASH_MS) {
                each.remove();
                counters.release(member.meter.line());
                destinations.release(member.line);
            }
        }
    }

    private void republish(Service service, Scheduler.Change change) {
        int[] lines = new int[service.members.size()];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = service.members.get(i).line;
        }
        DestinationIndex index = new DestinationIndex(destinations, lines);
        Service.View view = service.view();
        view.scheduler().changed(index, change);
        service.publish(new Service.View(view.spec(), view.scheduler(), index));
    }

    Outcome zero(@Nullable ServiceKey key) {
        if (key != null) {
            Service service = services.get(key);
            if (service == null) {
                return Outcome.NO_SERVICE;
            }
            zero(service);
            return Outcome.OK;
        }
        for (Service service : services.all()) {
            zero(service);
        }
        totals.zero();
        return Outcome.OK;
    }

    private static void zero(Service service) {
        service.meter.zero();
        for (Service.Member member : service.members) {
            member.meter.zero();
        }
    }

    void estimate() {
        totals.estimate();
        for (Service service : services.all()) {
            service.meter.estimate();
            for (Service.Member member : service.members) {
                member.meter.estimate();
            }
        }
    }

    /** Whether some service has a destination of the other family, which sync cannot carry. */
    boolean hasMixedFamilies() {
        for (Service service : services.all()) {
            for (Service.Member member : service.members) {
                if (member.spec.address().family() != service.key.family()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether some service has this destination behind NAT (ip_vs_has_real_service). */
    boolean isRealserver(int protocol, long hi, long lo, int port) {
        for (Service service : services.all()) {
            if (!service.key.isMark() && service.key.protocol() != protocol) {
                continue;
            }
            DestinationIndex index = service.view().destinations();
            for (int i = 0; i < index.size(); i++) {
                if (index.port(i) == port
                        && index.addressLo(i) == lo
                        && index.addressHi(i) == hi
                        && destinations.method(index.id(i)) == ForwardingMethod.NAT.number()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The longest persistence timeout that a template can have. */
    static int templateSeconds(int configured) {
        return Math.min(configured, Control.MAX_TIMEOUT_SECONDS);
    }
}
