package org.jvs.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.NullUnmarked;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;
import org.jvs.core.sched.DestinationList;
import org.jvs.core.sched.Flow;
import org.jvs.core.sched.Scheduler;
import org.jvs.core.sched.Scheduler.Change;
import org.jvs.core.sched.SchedulerSettings;
import org.jvs.core.sched.Schedulers;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One pick among many destinations, and one build of a look-up table. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@NullUnmarked // fields are set up by JMH
public class SchedulerBench {
    @Param({"rr", "wrr", "lc", "wlc", "sed", "nq", "sh", "mh", "lblc", "lblcr", "twos"})
    public String name;

    @Param({"1000"})
    public int destinations;

    private Scheduler scheduler;
    private Arrays list;
    private Client client;

    @Setup
    public void setUp() {
        ServiceKey key = ServiceKey.virtual(Protocol.TCP, Address.parse("10.0.0.1"), 80);
        ServiceSpec service = new ServiceSpec(key, name, 0, 0, -1, "");
        scheduler = Schedulers.create(name, service, new Defaults());
        list = new Arrays(destinations);
        scheduler.changed(list, Change.STARTED);
        client = new Client();
    }

    @Benchmark
    public int pick() {
        client.source = client.source * 1664525 + 1013904223;
        return scheduler.pick(client, list, 1);
    }

    @Benchmark
    public Scheduler build() {
        scheduler.changed(list, Change.EDITED);
        return scheduler;
    }

    private static final class Defaults implements SchedulerSettings {
        private final Random random = new Random(1);

        @Override
        public long lblcExpirationMs() {
            return 86_400_000;
        }

        @Override
        public long lblcrExpirationMs() {
            return 86_400_000;
        }

        @Override
        public RandomGenerator random() {
            return random;
        }
    }

    private static final class Client implements Flow {
        private int source = 1;

        @Override
        public boolean isIpv6() {
            return false;
        }

        @Override
        public int protocol() {
            return Protocol.TCP;
        }

        @Override
        public long sourceHi() {
            return 0;
        }

        @Override
        public long sourceLo() {
            return source & 0xffffffffL;
        }

        @Override
        public int sourcePort() {
            return 1234;
        }

        @Override
        public long destinationHi() {
            return 0;
        }

        @Override
        public long destinationLo() {
            // as many cached addresses as the kernel aims at
            return (source >>> 18) & 0x3fffL;
        }

        @Override
        public int destinationPort() {
            return 80;
        }
    }

    /** Destinations as columns: weights 1 to 10, random counts. */
    private static final class Arrays implements DestinationList {
        private final int[] weights;
        private final int[] active;
        private final int[] inactive;

        Arrays(int size) {
            Random random = new Random(2);
            weights = random.ints(size, 1, 11).toArray();
            active = random.ints(size, 0, 1000).toArray();
            inactive = random.ints(size, 0, 1000).toArray();
        }

        @Override
        public int size() {
            return weights.length;
        }

        @Override
        public int id(int index) {
            return index;
        }

        @Override
        public int weight(int index) {
            return weights[index];
        }

        @Override
        public int lastWeight(int index) {
            return weights[index];
        }

        @Override
        public int active(int index) {
            return active[index];
        }

        @Override
        public int inactive(int index) {
            return inactive[index];
        }

        @Override
        public boolean overloaded(int index) {
            return false;
        }

        @Override
        public boolean isIpv6(int index) {
            return false;
        }

        @Override
        public long addressHi(int index) {
            return 0;
        }

        @Override
        public long addressLo(int index) {
            return 0x0a000000L + index;
        }

        @Override
        public int port(int index) {
            return 80;
        }
    }
}
