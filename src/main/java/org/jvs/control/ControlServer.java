package org.jvs.control;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Admin;

/**
 * Serves a director at its control socket. Each client has a virtual thread of its own; batches of
 * commands are carried out one at a time, clients taking turns. A client can harm none but itself:
 * a request has a largest size and a time in which it has to come, a reply that is not read in time
 * ends the connection, and when there are too many clients the one idle longest has to go, or else
 * the one that is stuck in a request longest.
 *
 * <p>The {@link Admin} is called from many threads. Its {@link Admin#connections} may be held up by
 * a slow client for as long as {@link Limits#stall}, chunk after chunk.
 */
public final class ControlServer implements AutoCloseable {
    /**
     * What a client may take.
     *
     * @param clients connected at a time
     * @param listings of all services being sent at a time, each of which is held in memory
     * @param idle time between requests
     * @param stall time for a request to come in whole, and for a chunk of a reply to be taken
     */
    public record Limits(int clients, int listings, Duration idle, Duration stall) {
        public static final Limits DEFAULT =
                new Limits(64, 4, Duration.ofMinutes(5), Duration.ofSeconds(5));
    }

    private final ListeningSocket socket;
    final Admin admin;
    final Limits limits;
    final Map<String, QueryHandler> queries = new ConcurrentHashMap<>();
    final ReentrantLock commands = new ReentrantLock(true);
    final Semaphore listings;
    final LongAdder requests = new LongAdder();
    private final Set<ClientSession> clients = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private ControlServer(ListeningSocket socket, Admin admin, Limits limits) {
        this.socket = socket;
        this.admin = admin;
        this.limits = limits;
        this.listings = new Semaphore(limits.listings(), true);
    }

    /**
     * Listens and serves from now on.
     *
     * @param path usually {@link ControlSocket#path}
     * @throws IOException if another director runs there, or the place cannot be written
     */
    public static ControlServer open(Path path, Admin admin) throws IOException {
        return open(path, admin, Limits.DEFAULT);
    }

    /** As {@link #open(Path, Admin)}, with other limits. */
    public static ControlServer open(Path path, Admin admin, Limits limits) throws IOException {
        ControlServer server = new ControlServer(ListeningSocket.listen(path), admin, limits);
        server.query("status", (_, answer) -> answer.append(admin.status().toText()));
        Thread.ofPlatform().daemon().name("jvs-control").start(server::accept);
        Thread.ofPlatform().daemon().name("jvs-control-watch").start(server::watch);
        return server;
    }

    /** Teaches the server to answer {@link ControlClient#query} of that name; returns itself. */
    public ControlServer query(String name, QueryHandler handler) {
        queries.put(name, handler);
        return this;
    }

    /** Where it listens. */
    public Path path() {
        return socket.name();
    }

    /** Requests answered so far. */
    public long requests() {
        return requests.sum();
    }

    /** Clients connected now. */
    public int clients() {
        return clients.size();
    }

    /** Stops listening, removes the socket and drops all clients. */
    @Override
    public void close() throws IOException {
        closed = true;
        socket.close();
        for (ClientSession client : clients) {
            client.drop();
        }
    }

    private void accept() {
        ServerSocketChannel channel = socket.channel();
        while (!closed) {
            try {
                admit(channel.accept());
            } catch (IOException _) {
                // closed, or out of descriptors, which passes
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    private void admit(SocketChannel channel) {
        if (clients.size() >= limits.clients()) {
            ClientSession leaving = idleLongest();
            if (leaving == null) {
                leaving = stalledLongest();
            }
            if (leaving == null) {
                ClientSession.refuse(
                        channel,
                        "the director serves "
                                + limits.clients()
                                + " clients already; try again in a moment");
                return;
            }
            leaving.drop();
            clients.remove(leaving);
        }
        ClientSession client = new ClientSession(this, channel);
        clients.add(client);
        Thread.ofVirtual().name("jvs-control-client").start(client);
        if (closed) {
            client.drop();
        }
    }

    private @Nullable ClientSession idleLongest() {
        ClientSession found = null;
        for (ClientSession client : clients) {
            if (client.isIdle()
                    && (found == null || client.idleSinceNs() - found.idleSinceNs() < 0)) {
                found = client;
            }
        }
        return found;
    }

    /** A request is small and its sender local: one that is not there in a moment has stalled. */
    private @Nullable ClientSession stalledLongest() {
        long nowNs = System.nanoTime();
        long longestNs = limits.stall().toNanos() / 10;
        ClientSession found = null;
        for (ClientSession client : clients) {
            long forNs = client.receivingForNs(nowNs);
            if (forNs > longestNs) {
                longestNs = forNs;
                found = client;
            }
        }
        return found;
    }

    void gone(ClientSession client) {
        clients.remove(client);
    }

    /** Drops clients whose time is over; closing a channel wakes who reads or writes it. */
    private void watch() {
        long periodNs = Math.clamp(limits.stall().toNanos() / 10, 1_000_000, 500_000_000);
        while (!closed) {
            LockSupport.parkNanos(periodNs);
            long nowNs = System.nanoTime();
            for (ClientSession client : clients) {
                if (client.isOverdue(nowNs)) {
                    client.drop();
                }
            }
        }
    }
}
