package org.jvs.bench;

import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.engine.Verdict;
import org.jvs.core.net.Protocol;
import org.jvs.core.sched.Scheduler;
import org.jvs.core.sched.Schedulers;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Control;
import org.jvs.core.table.DestinationIndex;
import org.jvs.core.table.Destinations;
import org.jvs.core.table.Found;
import org.jvs.core.wire.Ip;
import org.jvs.core.wire.Packet;
import org.jvs.linux.HugePages;
import org.jvs.testing.Rig;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a packet, a look-up and a choice cost; run and judged by {@link Bench}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EngineBench {
    private static final int FLOWS = 1 << 16;

    /** Visits all flows in an order that no prefetcher guesses. */
    private static final int STRIDE = 40_503;

    /** A director with established flows through ten realservers. */
    public abstract static class Established {
        final Arena arena = HugePages.arena();
        final Traffic traffic;
        int flow;

        Established(boolean ipv6, ForwardingMethod method) {
            traffic = new Traffic(arena, ipv6, method, "rr", 10);
            traffic.establish(FLOWS);
        }

        int next() {
            flow = flow + STRIDE & FLOWS - 1;
            return flow;
        }

        int requests() {
            for (int frame = 0; frame < Traffic.BATCH; frame++) {
                traffic.putRequest(frame, next(), Ip.ACK);
            }
            return traffic.processBatch(Traffic.BATCH);
        }

        int replies() {
            for (int frame = 0; frame < Traffic.BATCH; frame++) {
                traffic.putReply(frame, next());
            }
            return traffic.processBatch(Traffic.BATCH);
        }

        /** What is in all of the others: the frames' bytes. */
        int written() {
            for (int frame = 0; frame < Traffic.BATCH; frame++) {
                traffic.putReply(frame, next());
            }
            return flow;
        }

        int unrelated() {
            for (int frame = 0; frame < Traffic.BATCH; frame++) {
                traffic.putUnrelated(frame, next());
            }
            return traffic.processBatch(0);
        }

        @TearDown
        public void close() {
            arena.close();
        }
    }

    @State(Scope.Benchmark)
    public static class Nat extends Established {
        public Nat() {
            super(false, ForwardingMethod.NAT);
        }
    }

    @State(Scope.Benchmark)
    public static class NatV6 extends Established {
        public NatV6() {
            super(true, ForwardingMethod.NAT);
        }
    }

    @State(Scope.Benchmark)
    public static class Direct extends Established {
        public Direct() {
            super(false, ForwardingMethod.DIRECT);
        }
    }

    @State(Scope.Benchmark)
    public static class Tunnel extends Established {
        public Tunnel() {
            super(false, ForwardingMethod.TUNNEL);
        }
    }

    /** Connection after connection, one each millisecond; old ones expire meanwhile. */
    public abstract static class Opening {
        final Arena arena = HugePages.arena();
        final Traffic traffic;
        int flow;

        Opening(String scheduler) {
            traffic = new Traffic(arena, false, ForwardingMethod.NAT, scheduler, 10);
        }

        int open() {
            for (int frame = 0; frame < Traffic.BATCH; frame++) {
                traffic.putRequest(frame, flow++, Ip.SYN);
            }
            for (int i = 0; i < Traffic.BATCH; i++) {
                traffic.tick();
            }
            return traffic.processBatch(Traffic.BATCH);
        }

        @TearDown
        public void close() {
            arena.close();
        }
    }

    @State(Scope.Benchmark)
    public static class OpeningRr extends Opening {
        public OpeningRr() {
            super("rr");
        }
    }

    @State(Scope.Benchmark)
    public static class OpeningWlc extends Opening {
        public OpeningWlc() {
            super("wlc");
        }
    }

    /** A million connections in a table of 64 MiB. */
    @State(Scope.Benchmark)
    public static class Million {
        static final int COUNT = 1_000_000;
        final Arena arena = HugePages.arena();
        ConnectionTable table = table(arena);
        final Found found = new Found();
        int client;

        static ConnectionTable table(Arena arena) {
            Destinations destinations = new Destinations(arena, 1);
            destinations.allocate();
            return new ConnectionTable(arena, false, 1 << 21, 0x5eed, destinations);
        }

        @Setup(Level.Trial)
        public void fill() {
            for (int i = 0; i < COUNT; i++) {
                table.insert(
                        0,
                        i,
                        1024 + (i & 0x3fff),
                        0,
                        1,
                        80,
                        Protocol.TCP,
                        80,
                        Control.of(1, 0, 0, 900),
                        new Found(),
                        0,
                        new Found());
            }
        }

        int next() {
            client = (client + 618_033) % COUNT;
            return client;
        }

        @TearDown
        public void close() {
            arena.close();
        }
    }

    /** A thousand destinations under one scheduler. */
    public abstract static class Thousand {
        final Arena arena = HugePages.arena();
        final DestinationIndex list;
        final Scheduler scheduler;
        final Packet flow = new Packet();

        Thousand(String name) {
            Destinations destinations = new Destinations(arena, 1000);
            int[] lines = new int[1000];
            for (int i = 0; i < lines.length; i++) {
                int line = destinations.allocate();
                lines[i] = line;
                destinations.setIdentity(line, false, 0, 0x0a010000 + i, 80, 0, 0);
                destinations.setWeight(line, 1 + i % 10);
            }
            list = new DestinationIndex(destinations, lines);
            scheduler =
                    java.util.Objects.requireNonNull(
                            Schedulers.create(
                                    name,
                                    Rig.spec(Rig.service(Protocol.TCP, Rig.VIP, 80), name, 0, 0),
                                    new Rig(arena, 4).director));
            scheduler.changed(list, Scheduler.Change.STARTED);
        }

        @TearDown
        public void close() {
            arena.close();
        }
    }

    @State(Scope.Benchmark)
    public static class ThousandWlc extends Thousand {
        public ThousandWlc() {
            super("wlc");
        }
    }

    @State(Scope.Benchmark)
    public static class ThousandMh extends Thousand {
        public ThousandMh() {
            super("mh");
        }
    }

    @Benchmark
    @OperationsPerInvocation(Traffic.BATCH)
    public int written(Nat nat) {
        return nat.written();
    }

    @Benchmark
    @OperationsPerInvocation(Traffic.BATCH)
    public int establishedNat(Nat nat) {
        return nat.requests();
    }

    @Benchmark
    public Verdict establishedNatAlone(Nat nat) {
        return nat.traffic.send(nat.next(), Ip.ACK);
    }

    @Benchmark
    @OperationsPerInvocation(Traffic.BATCH)
    public int replyNat(Nat nat) {
        return nat.replies();
    }

    @Benchmark
    @OperationsPerInvocation(Traffic.BATCH)
    public int establishedNatV6(NatV6 nat) {
        return nat.requests();
    }

    @Benchmark
    @OperationsPerInvocation(Traffic.BATCH)
    public int establishedDirect(Direct direct) {
        return direct.requests();
    }

    @Benchmark
    @OperationsPerInvocation(Traffic.BATCH)
    public int establishedTunnel(Tunnel tunnel) {
        return tunnel.requests();
    }

    @Benchmark
    @OperationsPerInvocation(Traffic.BATCH)
    public int unrelated(Nat nat) {
        return nat.unrelated();
    }

    @Benchmark
    @OperationsPerInvocation(Traffic.BATCH)
    public int newConnectionRr(OpeningRr opening) {
        return opening.open();
    }

    @Benchmark
    @OperationsPerInvocation(Traffic.BATCH)
    public int newConnectionWlc(OpeningWlc opening) {
        return opening.open();
    }

    @Benchmark
    public int lookUpAmongMillion(Million million) {
        int i = million.next();
        return million.table.find(
                0,
                i,
                1024 + (i & 0x3fff),
                0,
                1,
                80,
                Protocol.TCP,
                ConnectionTable.CONNECTION,
                0,
                million.found);
    }

    @Benchmark
    public int wlcOverThousand(ThousandWlc thousand) {
        return thousand.scheduler.pick(thousand.flow, thousand.list, 0);
    }

    @Benchmark
    public Scheduler mhTableOfThousand(ThousandMh thousand) {
        thousand.scheduler.changed(thousand.list, Scheduler.Change.ADDED);
        return thousand.scheduler;
    }
}
