package org.jvs.datapath;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.linux.Link;
import org.jvs.linux.LinuxException;
import org.jvs.linux.Neighbour;
import org.jvs.linux.Netlink;
import org.jvs.linux.NetlinkMonitor;
import org.jvs.linux.NetworkChange;

/// Keeps [HostTables] current: one thread that hears of every change in the network namespace and
/// publishes what the kernel has then. Changes of links, addresses and routes make it read all of
/// them anew; neighbours, which change all the time, are followed one by one. The same thread has
/// the kernel find and confirm neighbours.
///
/// Opened in the namespace it watches.
final class NetworkWatcher implements AutoCloseable {
    /// What follows from a change; called on the watching thread.
    interface Listener {
        /// Links, addresses or routes changed.
        void networkChanged(List<Link> links);

        /// Neighbours became known or were lost.
        void neighboursChanged();
    }

    private record NeighbourKey(int interfaceIndex, Address address) {}

    private static final long CONFIRM_MS = 5_000;
    private static final int NUD_STALE = 0x04;

    private final HostTables tables;
    private final List<ResolveRequests> requests = new CopyOnWriteArrayList<>();
    private final Consumer<String> log;
    private final Netlink netlink = Netlink.open();
    private final NetlinkMonitor monitor = NetlinkMonitor.open();
    private final Map<NeighbourKey, Neighbour> neighbours = new HashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition passed = lock.newCondition();
    private long rounds;
    private Listener listener =
            new Listener() {
                @Override
                public void networkChanged(List<Link> links) {}

                @Override
                public void neighboursChanged() {}
            };
    private Thread thread = new Thread(() -> {});
    private volatile boolean closed;
    private boolean networkDirty;
    private boolean neighboursDirty;
    private boolean neighboursLost;
    private int version = 1;

    /// Reads the kernel's tables for the first time.
    NetworkWatcher(HostTables tables, ResolveRequests requests, Consumer<String> log) {
        this.tables = tables;
        this.requests.add(requests);
        this.log = log;
        readNetwork();
        readNeighbours();
    }

    /// Starts following changes, after telling the listener of the present state.
    void start(Listener first) {
        listener = first;
        first.networkChanged(netlink.links().list());
        thread = Thread.ofPlatform().daemon().name("jvs-network").start(this::run);
    }

    /// Takes requests of another thread as well.
    void serve(ResolveRequests more) {
        requests.add(more);
    }

    Netlink netlink() {
        return netlink;
    }

    /// Ends the wait of the thread, which looks at requests then.
    void wakeup() {
        monitor.wakeup();
    }

    /// Returns when all that the kernel had changed before the call is published; at most a second
    /// later.
    void settle() {
        lock.lock();
        try {
            long target = rounds + 2;
            monitor.wakeup();
            long left = TimeUnit.SECONDS.toNanos(1);
            while (rounds < target && left > 0 && thread.isAlive()) {
                left = passed.awaitNanos(left);
                monitor.wakeup();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        long confirmAtNs = System.nanoTime();
        while (!closed) {
            try {
                monitor.poll(CONFIRM_MS, this::note);
                refresh();
                requests.forEach(each -> each.drain(this::resolve));
                if (System.nanoTime() - confirmAtNs >= 0) {
                    confirmAtNs = System.nanoTime() + CONFIRM_MS * 1_000_000;
                    confirm();
                }
            } catch (LinuxException | IllegalStateException e) {
                if (!closed) {
                    log.accept("watching the network: " + e.getMessage());
                    networkDirty = true;
                    neighboursLost = true;
                }
            }
            lock.lock();
            try {
                rounds++;
                passed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void note(NetworkChange change) {
        switch (change) {
            case NetworkChange.OfLink _ -> networkDirty = true;
            case NetworkChange.OfAddress _ -> networkDirty = true;
            case NetworkChange.OfRoute _ -> networkDirty = true;
            case NetworkChange.OfNeighbour(var neighbour, boolean removed) ->
                    note(neighbour, removed);
            case NetworkChange.Overrun() -> {
                networkDirty = true;
                neighboursLost = true;
            }
        }
    }

    private void note(Neighbour neighbour, boolean removed) {
        NeighbourKey key = new NeighbourKey(neighbour.interfaceIndex(), neighbour.address());
        boolean usable = !removed && neighbour.isUsable();
        Neighbour before = usable ? neighbours.put(key, neighbour) : neighbours.remove(key);
        boolean same =
                usable
                        && before != null
                        && neighbour.mac() != null
                        && neighbour.mac().equals(before.mac());
        if (!same && (usable || before != null)) {
            neighboursDirty = true;
        }
    }

    private void refresh() {
        boolean network = networkDirty;
        boolean neighbour = neighboursDirty || neighboursLost;
        if (network) {
            networkDirty = false;
            readNetwork();
        }
        if (neighboursLost) {
            neighboursLost = false;
            readNeighbours();
        } else if (neighboursDirty) {
            publishNeighbours();
        }
        neighboursDirty = false;
        if (network) {
            listener.networkChanged(tables.snapshot().links.values());
        }
        if (neighbour) {
            listener.neighboursChanged();
        }
    }

    private void readNetwork() {
        version++;
        tables.publish(
                new HostTables.Snapshot(
                        version,
                        netlink.links().list(),
                        netlink.addresses().list(),
                        netlink.routes().list(Family.IPV4),
                        netlink.routes().list(Family.IPV6)));
    }

    private void readNeighbours() {
        neighbours.clear();
        for (Neighbour neighbour : netlink.neighbours().list()) {
            note(neighbour, false);
        }
        publishNeighbours();
    }

    private void publishNeighbours() {
        tables.publish(NeighbourTable.of(neighbours.values()));
    }

    private void resolve(int interfaceIndex, Address address) {
        try {
            netlink.neighbours().resolve(interfaceIndex, address);
        } catch (LinuxException _) {
            // the interface is going; its packets are counted as having no neighbour
        }
    }

    /// Has the kernel ask neighbours that it believes in only from memory while frames go there:
    /// the kernel does not see those frames, and would never notice that one is gone.
    private void confirm() {
        for (Neighbour used : tables.neighbours().takeUsed()) {
            NeighbourKey key = new NeighbourKey(used.interfaceIndex(), used.address());
            Neighbour known = neighbours.get(key);
            if (known != null && (known.state() & NUD_STALE) != 0) {
                resolve(used.interfaceIndex(), used.address());
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        monitor.wakeup();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        monitor.close();
        netlink.close();
    }
}
