package org.jvs.datapath;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.DirectorStatus;
import org.jvs.core.engine.Host;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.table.Destinations;
import org.jvs.datapath.program.HopLines;
import org.jvs.linux.Link;
import org.jvs.linux.MacAddress;

/// Keeps the way to each destination ([HopLines]) as the kernel's routes, neighbours and links and
/// the configuration are now, so that programs need not ask for it.
///
/// A line is usable if there is a route, an attached interface and a neighbour whose Ethernet
/// address is known. Where only that is missing the kernel is had to ask for it, from the moment
/// the destination is there, and again every five seconds. The neighbours of all destinations count
/// as used, by which the kernel is kept confirming them: it does not see the frames of programs.
final class HopKeeper {
    private static final long ASK_AGAIN_MS = 5_000;

    /// More often than the watcher looks for what is to be confirmed.
    private static final long USE_MS = 4_000;

    /// What `jvs status` gets at the most.
    private static final int LISTED = 1000;

    private record Neighbour(int interfaceIndex, Address address) {}

    private final HostTables host;
    private final Destinations destinations;
    private final HopLines lines;
    private final IntPredicate attached;
    private final IntPredicate takesRedirects;
    private final LongSupplier clockMs;
    private final Runnable wakeup;
    private final ResolveRequests requests = new ResolveRequests();
    private final NextHop hop = new NextHop();
    private final Host.Source source = new Host.Source();

    /// Why lines in use are not usable; local destinations are not among them.
    private final Map<Integer, String> reasons = new TreeMap<>();

    private final Map<Neighbour, Long> askedAt = new HashMap<>();
    private BitSet inUse = new BitSet();
    private HostTables.@Nullable Snapshot snapshot;
    private NeighbourTable neighbours = NeighbourTable.EMPTY;
    private long usedAtMs;
    private boolean asked;

    /// @param lines one for each line of the destinations
    /// @param attached whether frames can be sent out of an interface, by its index
    /// @param takesRedirects whether an interface sends what programs give it; destinations behind
    ///   others are the Java engine's
    /// @param clockMs the director's clock
    /// @param wakeup tells the thread that takes [#requests]
    HopKeeper(
            HostTables host,
            Destinations destinations,
            HopLines lines,
            IntPredicate attached,
            IntPredicate takesRedirects,
            LongSupplier clockMs,
            Runnable wakeup) {
        this.host = host;
        this.destinations = destinations;
        this.lines = lines;
        this.attached = attached;
        this.takesRedirects = takesRedirects;
        this.clockMs = clockMs;
        this.wakeup = wakeup;
    }

    /// Neighbours that the kernel shall find.
    ResolveRequests requests() {
        return requests;
    }

    /// Brings the lines of destinations up to date that came or went since the last call.
    synchronized void follow() {
        BitSet changed = destinations.takeChanged();
        if (changed.isEmpty()) {
            return;
        }
        inUse = destinations.inUse();
        for (int line = changed.nextSetBit(0); line >= 0; line = changed.nextSetBit(line + 1)) {
            update(line);
        }
        send();
    }

    /// Brings all lines up to date: the kernel's tables or the attached interfaces changed.
    synchronized void refresh() {
        snapshot = host.snapshot();
        neighbours = host.neighbours();
        BitSet changed = destinations.takeChanged();
        inUse = destinations.inUse();
        changed.or(inUse);
        for (int line = changed.nextSetBit(0); line >= 0; line = changed.nextSetBit(line + 1)) {
            update(line);
        }
        send();
    }

    /// Asks again for neighbours that did not answer, and has the others confirmed; to be called
    /// every second or so.
    synchronized void advance() {
        follow();
        long now = clockMs.getAsLong();
        boolean confirm = now - usedAtMs >= USE_MS;
        if (snapshot != host.snapshot() || neighbours != host.neighbours() || confirm) {
            usedAtMs = now;
            refresh();
        } else if (!reasons.isEmpty()) {
            List.copyOf(reasons.keySet()).forEach(this::update);
            send();
        }
        askedAt.values().removeIf(at -> now - at > 4 * ASK_AGAIN_MS);
    }

    private void update(int line) {
        String reason = inUse.get(line) ? resolve(line) : "";
        if (!reason.isEmpty() || !inUse.get(line)) {
            lines.clear(line);
        }
        if (reason.isEmpty()) {
            reasons.remove(line);
        } else {
            reasons.put(line, reason);
        }
    }

    /// Sets the line of a destination in use; why it could not be, or nothing if it could or if the
    /// destination is this machine.
    private String resolve(int line) {
        boolean ipv6 = destinations.isIpv6(line);
        long hi = destinations.addressHi(line);
        long lo = destinations.addressLo(line);
        if (host.isLocal(ipv6, hi, lo)) {
            lines.clear(line);
            return "";
        }
        if (!host.nextHop(ipv6, hi, lo, hop)) {
            return "no route";
        }
        Link link = host.snapshot().links.get(hop.interfaceIndex);
        MacAddress from = link == null ? null : link.mac();
        if (link == null || from == null || !attached.test(hop.interfaceIndex)) {
            return "the route leads to "
                    + (link == null ? "interface " + hop.interfaceIndex : link.name())
                    + ", which is not attached";
        }
        NeighbourTable table = host.neighbours();
        int place = table.find(hop.interfaceIndex, hop.ipv6, hop.hi, hop.lo);
        if (place == NeighbourTable.NONE) {
            return ask(link, address(hop.ipv6, hop.hi, hop.lo), address(ipv6, hi, lo));
        }
        table.use(place);
        if (!takesRedirects.test(link.index())) {
            lines.clear(line);
            return "";
        }
        int mtu = host.mtu(ipv6, hi, lo);
        boolean known = host.source(ipv6, hi, lo, source);
        set(
                line,
                link.index(),
                new MacAddress(table.mac(place)),
                from,
                mtu,
                known ? source.hi : 0,
                known ? source.lo : 0);
        return "";
    }

    /// Leaves a line alone that is right: it would be unusable for a moment.
    private void set(
            int line,
            int interfaceIndex,
            MacAddress to,
            MacAddress from,
            int mtu,
            long sourceHi,
            long sourceLo) {
        boolean same =
                lines.isUsable(line)
                        && lines.interfaceIndex(line) == interfaceIndex
                        && lines.mtu(line) == Math.min(mtu, 0xffff)
                        && lines.sourceHi(line) == sourceHi
                        && lines.sourceLo(line) == sourceLo
                        && lines.to(line).equals(to)
                        && lines.from(line).equals(from);
        if (!same) {
            lines.set(line, interfaceIndex, to, from, mtu, sourceHi, sourceLo);
        }
    }

    private static Address address(boolean ipv6, long hi, long lo) {
        return new Address(ipv6 ? Family.IPV6 : Family.IPV4, hi, lo);
    }

    private String ask(Link link, Address neighbour, Address destination) {
        Neighbour key = new Neighbour(link.index(), neighbour);
        long now = clockMs.getAsLong();
        Long last = askedAt.get(key);
        if ((last == null || now - last >= ASK_AGAIN_MS)
                && requests.put(link.index(), neighbour.isIpv6(), neighbour.hi(), neighbour.lo())) {
            askedAt.put(key, now);
            asked = true;
        }
        return "no answer to "
                + (neighbour.isIpv6() ? "neighbour discovery" : "ARP")
                + (neighbour.equals(destination) ? "" : " from gateway " + neighbour)
                + " on "
                + link.name();
    }

    private void send() {
        if (asked) {
            asked = false;
            wakeup.run();
        }
    }

    /// The destinations that packets cannot be sent to, each address once.
    synchronized List<DirectorStatus.Unreachable> unreachable() {
        Set<DirectorStatus.Unreachable> all = new LinkedHashSet<>();
        for (Map.Entry<Integer, String> each : reasons.entrySet()) {
            int line = each.getKey();
            if (destinations.isAvailable(line) && all.size() < LISTED) {
                Address address =
                        address(
                                destinations.isIpv6(line),
                                destinations.addressHi(line),
                                destinations.addressLo(line));
                all.add(new DirectorStatus.Unreachable(address.toString(), each.getValue()));
            }
        }
        return new ArrayList<>(all);
    }
}
