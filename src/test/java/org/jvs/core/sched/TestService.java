package org.jvs.core.sched;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;
import org.jvs.core.sched.Scheduler.Change;

/** A service with just enough around its scheduler: destinations, their counts, thresholds. */
final class TestService {
    /** A destination with the counts that schedulers read. */
    static final class Dest {
        final int id;
        final Address address;
        final int port;
        int weight;
        int lastWeight;
        int active;
        int inactive;
        int upper;
        boolean overloaded;

        Dest(int id, Address address, int port) {
            this.id = id;
            this.address = address;
            this.port = port;
        }

        /** The kernel's rules when a destination is made, revived or edited. */
        void set(int newWeight, int newUpper, int newLower) {
            weight = newWeight;
            if (newWeight != 0) {
                lastWeight = newWeight;
            }
            upper = newUpper;
            int total = active + inactive;
            if (upper == 0) {
                overloaded = false;
            } else if (total >= upper) {
                overloaded = true;
            } else if (newLower != 0 ? total < newLower : total * 4 < upper * 3) {
                overloaded = false;
            }
        }

        void bind(boolean countsAsActive) {
            if (countsAsActive) {
                active++;
            } else {
                inactive++;
            }
            if (upper != 0 && active + inactive >= upper) {
                overloaded = true;
            }
        }
    }

    /** One membership. */
    record Snapshot(List<Dest> dests) implements DestinationList {
        @Override
        public int size() {
            return dests.size();
        }

        @Override
        public int id(int index) {
            return dests.get(index).id;
        }

        @Override
        public int weight(int index) {
            return dests.get(index).weight;
        }

        @Override
        public int lastWeight(int index) {
            return dests.get(index).lastWeight;
        }

        @Override
        public int active(int index) {
            return dests.get(index).active;
        }

        @Override
        public int inactive(int index) {
            return dests.get(index).inactive;
        }

        @Override
        public boolean overloaded(int index) {
            return dests.get(index).overloaded;
        }

        @Override
        public boolean isIpv6(int index) {
            return dests.get(index).address.isIpv6();
        }

        @Override
        public long addressHi(int index) {
            return dests.get(index).address.hi();
        }

        @Override
        public long addressLo(int index) {
            return dests.get(index).address.lo();
        }

        @Override
        public int port(int index) {
            return dests.get(index).port;
        }
    }

    record TestFlow(int protocol, Address source, int sourcePort, Address destination)
            implements Flow {
        @Override
        public boolean isIpv6() {
            return source.isIpv6();
        }

        @Override
        public long sourceHi() {
            return source.hi();
        }

        @Override
        public long sourceLo() {
            return source.lo();
        }

        @Override
        public long destinationHi() {
            return destination.hi();
        }

        @Override
        public long destinationLo() {
            return destination.lo();
        }

        @Override
        public int destinationPort() {
            return 80;
        }
    }

    static final ServiceKey KEY =
            ServiceKey.virtual(Protocol.TCP, Address.parse("10.10.1.100"), 80);
    private static final Address CLIENT = Address.parse("10.10.1.50");

    final TestSettings settings;
    final List<Dest> everSeen = new ArrayList<>();
    List<Dest> dests = List.of();
    Snapshot list = new Snapshot(dests);
    ServiceSpec spec;
    Scheduler scheduler;
    long nowMs = 5_000;

    TestService(ServiceSpec spec, TestSettings settings) {
        this.settings = settings;
        this.spec = spec;
        this.scheduler = make(spec);
        scheduler.changed(list, Change.STARTED);
    }

    TestService(String schedulerName, int flags) {
        this(spec(KEY, schedulerName, flags), new TestSettings());
    }

    static ServiceSpec spec(ServiceKey key, String scheduler, int flags) {
        return new ServiceSpec(key, scheduler, flags, 0, -1, "");
    }

    private Scheduler make(ServiceSpec wanted) {
        Scheduler made = Schedulers.create(wanted.scheduler(), wanted, settings);
        if (made == null) {
            throw new IllegalArgumentException("no scheduler " + wanted.scheduler());
        }
        return made;
    }

    void edit(ServiceSpec wanted) {
        if (wanted.scheduler().equals(spec.scheduler())) {
            scheduler.serviceEdited(wanted);
        } else {
            scheduler = make(wanted);
            scheduler.changed(list, Change.STARTED);
        }
        spec = wanted;
    }

    /** Adds at the head, as the kernel does. */
    Dest add(Address address, int port, int weight, int upper, int lower) {
        Dest dest = null;
        for (Dest known : everSeen) {
            if (known.address.equals(address) && known.port == port) {
                dest = known;
            }
        }
        if (dest == null) {
            dest = new Dest(everSeen.size() + 100, address, port);
            everSeen.add(dest);
        }
        dest.set(weight, upper, lower);
        List<Dest> more = new ArrayList<>();
        more.add(dest);
        more.addAll(dests);
        publish(more, Change.ADDED);
        return dest;
    }

    /** Adds 10.10.2.{@code host}. */
    Dest add(int host, int weight) {
        return add(realserver(host), 8080, weight, 0, 0);
    }

    static Address realserver(int host) {
        return Address.parse("10.10." + (2 + host / 250) + "." + host % 250);
    }

    void remove(Dest dest) {
        List<Dest> fewer = new ArrayList<>(dests);
        fewer.remove(dest);
        publish(fewer, Change.REMOVED);
    }

    void edit(Dest dest, int weight, int upper, int lower) {
        dest.set(weight, upper, lower);
        scheduler.changed(list, Change.EDITED);
    }

    void setWeight(Dest dest, int weight) {
        edit(dest, weight, 0, 0);
    }

    Dest find(Address address, int port) {
        for (Dest dest : dests) {
            if (dest.address.equals(address) && dest.port == port) {
                return dest;
            }
        }
        throw new IllegalArgumentException("no destination " + address + " port " + port);
    }

    private void publish(List<Dest> members, Change change) {
        dests = List.copyOf(members);
        list = new Snapshot(dests);
        scheduler.changed(list, change);
    }

    @Nullable Dest pick(Flow flow) {
        int index = scheduler.pick(flow, list, nowMs);
        return index == Scheduler.NONE ? null : dests.get(index);
    }

    /** Picks for a TCP client; the last number of the destination's address, or -1. */
    int pickHost(Flow flow) {
        Dest dest = pick(flow);
        return dest == null ? -1 : (int) dest.address.lo() & 255;
    }

    int pickHost() {
        return pickHost(to(KEY.address()));
    }

    static Flow to(Address destination) {
        return new TestFlow(Protocol.TCP, CLIENT, 20000, destination);
    }

    static Flow from(Address source, int port) {
        return new TestFlow(Protocol.TCP, source, port, KEY.address());
    }
}
