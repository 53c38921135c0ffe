package org.jvs.control;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Admin;
import org.jvs.core.engine.Director;
import org.jvs.core.engine.DirectorOptions;
import org.jvs.core.net.Family;
import org.jvs.core.table.TableCheck;
import org.jvs.datapath.AttachedProgram;
import org.jvs.datapath.Datapath;
import org.jvs.datapath.FlowPrograms;
import org.jvs.datapath.Jiffies;
import org.jvs.datapath.SharedTables;
import org.jvs.datapath.program.HopLines;
import org.jvs.datapath.program.Maps;

/// A director at work: tables, packets, clock and control socket in the network namespace of the
/// thread that starts it. One to a namespace.
///
/// ```
/// try (DirectorDaemon daemon = namespace.call(() -> DirectorDaemon.start(Options.DEFAULT, log))) {
///     daemon.admin().apply(commands);
/// }
/// ```
public final class DirectorDaemon implements AutoCloseable {
    /// How it shall be.
    ///
    /// @param interfaces names of those to attach to; empty for all that carry traffic
    /// @param generic use generic XDP even where the driver has native mode
    /// @param connections slots of either connection table, a power of two
    /// @param compiled have XDP programs forward established connections themselves
    public record Options(
            Set<String> interfaces, boolean generic, int connections, boolean compiled) {
        public static final Options DEFAULT = new Options(Set.of(), false, 1 << 20, false);
    }

    private static final long TICK_MS = 100;
    private static final int CHECK_WALKS = 5;

    /// Longer than a writer that has a slot in hand is interrupted for.
    private static final long CHECK_PAUSE_NS = 50_000_000;

    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    private final SharedTables tables = new SharedTables();
    private final Datapath datapath;
    private final Director director;
    private final HopLines hops;
    private final Jiffies jiffies;
    private final @Nullable FlowPrograms programs;
    private final RunningDirector admin;
    private final Thread clock;
    private @Nullable ControlServer server;
    private volatile boolean closed;

    private DirectorDaemon(Options options, Consumer<String> log) {
        datapath = Datapath.open(options.interfaces, options.generic, log);
        try {
            DirectorOptions sizes =
                    DirectorOptions.withSeed(new SecureRandom().nextLong())
                            .withConnections(options.connections);
            director = new Director(SharedTables.withLanes(sizes), datapath.host(), tables);
            hops =
                    new HopLines(
                            tables.block(
                                    "next hops", Maps.HOPS, HopLines.bytes(sizes.destinations())));
            jiffies = new Jiffies(System::nanoTime);
            programs = options.compiled ? new FlowPrograms(director, tables, jiffies) : null;
        } catch (RuntimeException e) {
            tables.close();
            datapath.close();
            throw e;
        }
        // commands need to know the time from the first one on
        director.advance(nowMs());
        admin = new RunningDirector(director, datapath, DirectorDaemon::nowMs, log);
        clock = Thread.ofPlatform().daemon().name("jvs-clock").unstarted(this::runClock);
    }

    /// Starts a director; it forwards when this returns.
    ///
    /// @param log gets lines for people: interfaces attached to, what is wrong with them
    /// @throws IOException if a director runs in this namespace already
    /// @throws org.jvs.datapath.TableMemoryException if the kernel has no room for the tables
    /// @throws org.jvs.linux.LinuxException if the kernel refuses something, EPERM unless root
    public static DirectorDaemon start(Options options, Consumer<String> log) throws IOException {
        DirectorDaemon daemon = new DirectorDaemon(options, log);
        try {
            // before touching any interface: it tells whether another director is there
            ControlServer server = ControlServer.open(ControlSocket.path(), daemon.admin);
            daemon.server = server;
            server.query("status", (_, answer) -> answer.append(daemon.admin.status().toText()));
            server.query(
                    "program",
                    (_, answer) -> AttachedProgram.write(daemon.datapath.programs(), answer));
            server.query("check", (_, answer) -> answer.append(daemon.checkText()));
            daemon.datapath.start(
                    daemon.director,
                    daemon.programs,
                    daemon.hops,
                    DirectorDaemon::nowMs,
                    daemon.failure::complete);
            daemon.clock.start();
            return daemon;
        } catch (IOException | RuntimeException e) {
            daemon.close();
            throw e;
        }
    }

    /// For commands and listings from this process; clients of the control socket get the same.
    public Admin admin() {
        return admin;
    }

    /// Names and modes of the interfaces it is attached to, as in `eth0 native`.
    public List<String> interfaces() {
        return datapath.names();
    }

    /// What the kernel said about interfaces that it could not attach to.
    public List<String> refusals() {
        return datapath.refusals();
    }

    /// Completes if forwarding ended for a reason of its own, which is a bug; the daemon should be
    /// closed then.
    public CompletableFuture<Throwable> failure() {
        return failure;
    }

    /// What is wrong with counts and slots of the tables, a line for each, which should be nothing;
    /// beside traffic. Takes as long as a few walks of the tables.
    public List<String> check() {
        TableCheck check =
                new TableCheck(
                        director.destinations(),
                        director.counters(),
                        List.of(
                                director.connections(Family.IPV4),
                                director.connections(Family.IPV6)));
        return check.check(CHECK_WALKS, () -> LockSupport.parkNanos(CHECK_PAUSE_NS)).stream()
                .map(TableCheck.Fault::toString)
                .toList();
    }

    private String checkText() {
        return check().stream().map(fault -> fault + "\n").collect(Collectors.joining());
    }

    /// Milliseconds of CLOCK_MONOTONIC, which is what System.nanoTime() is on Linux: the same for
    /// the next director on this machine, which may adopt what this one's tables say.
    private static long nowMs() {
        return System.nanoTime() / 1_000_000;
    }

    private void runClock() {
        long tick = 0;
        try {
            while (!closed) {
                director.advance(nowMs());
                if (++tick % (1000 / TICK_MS) == 0) {
                    datapath.advance(nowMs());
                    jiffies.advance();
                }
                Thread.sleep(TICK_MS);
            }
        } catch (InterruptedException _) {
            // closed
        } catch (RuntimeException | Error e) {
            failure.complete(e);
        }
    }

    /// Detaches from all interfaces, removes the control socket and frees the tables. A second call
    /// does nothing.
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        clock.interrupt();
        try {
            clock.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        ControlServer running = server;
        try {
            if (running != null) {
                running.close();
            }
        } finally {
            datapath.close();
            admin.close();
            jiffies.close();
            tables.close();
        }
    }
}
