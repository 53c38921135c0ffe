package org.jvs.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;
import org.jvs.lab.Lab;
import org.jvs.lab.LabDirector;
import org.jvs.lab.Privileges;
import org.jvs.lab.Services;
import org.jvs.linux.CpuAffinity;
import org.jvs.linux.LinuxException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `./jvs bench forward`: packets per second that a director forwards over AF_XDP, beside nftables'
/// DNAT and plain forwarding by the kernel under the same load, in turns.
final class ForwardBench {
    private static final double PROMISE = 0.8;
    private static final int LOAD_CPU = 0;
    private static final int DIRECTOR_CPU = 1;
    private static final double BUSY = 0.8;
    private static final long SETTLE_MS = 300;
    private static final long WARM_UP_PACKETS = 1_000_000;
    private static final long WARM_UP_LIMIT_NS = 15_000_000_000L;

    private static final String USAGE =
            """
            Usage: sudo ./jvs bench forward [--rounds N] [--seconds S] [--flows N] [--json]
              Packets per second of UDP flows through NAT: JVS over AF_XDP and by the compiled
              program, nftables' DNAT, and the kernel's forwarding without NAT for orientation. The load comes from CPU 0, the
              director has CPU 1, each contender has its own namespaces and they take turns.
              --rounds N    turns of each, 1..100; 5 if not given
              --seconds S   length of a turn, 1..60; 2 if not given
              --flows N     UDP flows, a power of two from 1 to 65536; 16384 if not given
              --json        one JSON object
            Exits with 1 if JVS over AF_XDP forwards less than 0.8 times what nftables does.
            """;

    /// What was measured in one turn.
    ///
    /// @param offered packets per second sent towards the director
    /// @param forwarded packets per second that arrived at the sink
    /// @param cpu CPU seconds per second that the director had; 1 is the CPU to itself
    private record Turn(double offered, double forwarded, double cpu) {
        double perCpu() {
            return forwarded / cpu;
        }
    }

    private static final class Contender {
        final String name;
        final String what;
        final ForwardLab lab;
        final ForwardLoad load;
        final List<Turn> turns = new ArrayList<>();

        Contender(String name, String what, ForwardLab lab, Address to, int port, int flows) {
            this.name = name;
            this.what = what;
            this.lab = lab;
            load = new ForwardLoad(lab.way(to, port), flows);
        }

        double median(java.util.function.ToDoubleFunction<Turn> figure) {
            double[] sorted = turns.stream().mapToDouble(figure).sorted().toArray();
            int middle = sorted.length / 2;
            return sorted.length % 2 == 1
                    ? sorted[middle]
                    : (sorted[middle - 1] + sorted[middle]) / 2;
        }

        double min() {
            return turns.stream().mapToDouble(Turn::forwarded).min().orElse(0);
        }
    }

    private int rounds = 5;
    private int seconds = 2;
    private int flows = 1 << 14;
    private boolean json;

    private ForwardBench() {}

    /// Measures and prints.
    ///
    /// @return the exit code
    static int run(String[] args) {
        ForwardBench bench = new ForwardBench();
        if (Arrays.asList(args).contains("--help")) {
            System.out.print(USAGE);
            return 0;
        }
        try {
            bench.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println("jvs bench forward: " + e.getMessage());
            System.err.print(USAGE);
            return 2;
        }
        if (!Privileges.missing().isEmpty()) {
            return failed("root is needed; try: sudo ./jvs bench forward");
        }
        if (Runtime.getRuntime().availableProcessors() < 2) {
            return failed("two CPUs are needed, one for the load and one for the director");
        }
        try (Lab lab = Lab.create()) {
            return bench.measure(lab) >= PROMISE ? 0 : 1;
        } catch (NoSuchFileException e) {
            String program = e.getFile();
            String where = program.equals("nft") ? "nftables" : "util-linux";
            return failed(program + " is missing; get it: sudo apt-get install " + where);
        } catch (IOException | LinuxException e) {
            return failed(String.valueOf(e.getMessage()));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return failed("interrupted");
        }
    }

    private static int failed(String why) {
        System.err.println("jvs bench forward: " + why);
        return 1;
    }

    private void parse(String[] args) {
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--json" -> json = true;
                case "--rounds" -> rounds = number(args, ++i, 100);
                case "--seconds" -> seconds = number(args, ++i, 60);
                case "--flows" -> flows = number(args, ++i, 1 << 16);
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        if (Integer.bitCount(flows) != 1) {
            throw new IllegalArgumentException("--flows " + flows + " is no power of two");
        }
    }

    private static int number(String[] args, int at, int max) {
        String text = at < args.length ? args[at] : "";
        try {
            int value = Integer.parseInt(text);
            if (value >= 1 && value <= max) {
                return value;
            }
        } catch (NumberFormatException _) {
            // as if out of range
        }
        throw new IllegalArgumentException(
                args[at - 1] + " takes a number of 1.." + max + ", not '" + text + "'");
    }

    /// Measures, prints, and returns the ratio of JVS to nftables.
    private double measure(Lab lab) throws IOException, InterruptedException {
        Contender nft = nft(new ForwardLab(lab, 0, false));
        Contender forwarding = forwarding(new ForwardLab(lab, 1, false));
        Contender jvs = jvs(lab, new ForwardLab(lab, 2, false), "jvs", "JVS NAT, AF_XDP");
        Contender compiled =
                jvs(
                        lab,
                        new ForwardLab(lab, 3, true),
                        "compiled",
                        "JVS NAT, compiled",
                        "--compiled");
        List<Contender> contenders = List.of(nft, jvs, compiled, forwarding);
        try {
            for (Contender each : contenders) {
                warmUp(each);
            }
            for (int round = 0; round < rounds; round++) {
                for (Contender each : contenders) {
                    each.turns.add(turn(each, seconds * 1000L));
                }
            }
        } finally {
            contenders.forEach(each -> each.load.close());
        }
        double ratio = jvs.median(Turn::forwarded) / nft.median(Turn::forwarded);
        double perCpu = jvs.median(Turn::perCpu) / nft.median(Turn::perCpu);
        if (json) {
            printJson(contenders, ratio, perCpu, System.out);
        } else {
            print(contenders, ratio, perCpu, System.out);
        }
        return ratio;
    }

    private Contender nft(ForwardLab lab) throws IOException {
        lab.command(
                "nft",
                "add table ip jvs;"
                        + " add chain ip jvs pre { type nat hook prerouting priority -100; };"
                        + (" add rule ip jvs pre ip daddr " + ForwardLab.VIP)
                        + (" udp dport " + ForwardLab.PORT)
                        + (" dnat to " + ForwardLab.RIP + ":" + ForwardLab.REAL_PORT));
        return new Contender("nft", "nftables DNAT", lab, ForwardLab.VIP, ForwardLab.PORT, flows);
    }

    private Contender forwarding(ForwardLab lab) {
        return new Contender(
                "forward",
                "kernel forwarding, no NAT",
                lab,
                ForwardLab.RIP,
                ForwardLab.REAL_PORT,
                flows);
    }

    private Contender jvs(
            Lab lab, ForwardLab network, String name, String what, String... arguments)
            throws IOException {
        LabDirector director = lab.closing(onDirectorsCpu(network, arguments));
        network.director(director.pid());
        ServiceKey service = ServiceKey.virtual(Protocol.UDP, ForwardLab.VIP, ForwardLab.PORT);
        director.apply(
                Services.add(service, "rr"),
                Services.add(
                        service,
                        Services.destination(
                                ForwardLab.RIP, ForwardLab.REAL_PORT, ForwardingMethod.NAT, 1)));
        return new Contender(name, what, network, ForwardLab.VIP, ForwardLab.PORT, flows);
    }

    /// A process has the affinity of the thread that started it.
    private static LabDirector onDirectorsCpu(ForwardLab network, String... arguments)
            throws IOException {
        List<LabDirector> started = new ArrayList<>();
        List<IOException> failures = new ArrayList<>();
        Thread starter =
                Thread.ofPlatform()
                        .start(() -> {
                            CpuAffinity.pin(DIRECTOR_CPU);
                            try {
                                started.add(LabDirector.start(network.director(), arguments));
                            } catch (IOException e) {
                                failures.add(e);
                            }
                        });
        try {
            starter.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
        return started.getFirst();
    }

    /// Lets the load run. It sleeps because a rate is measured over a time: there is no condition
    /// to wait for.
    private static void loadFor(long ms) throws InterruptedException {
        Thread.sleep(ms);
    }

    /// Establishes the flows, and gives the director's compiler its time.
    private static void warmUp(Contender contender) throws IOException, InterruptedException {
        contender.lab.pinReceiver(DIRECTOR_CPU);
        try (ForwardLoad.Run _ = contender.load.start(LOAD_CPU)) {
            long end = System.nanoTime() + WARM_UP_LIMIT_NS;
            do {
                loadFor(SETTLE_MS);
            } while (contender.lab.received() < WARM_UP_PACKETS && System.nanoTime() - end < 0);
        }
    }

    private static Turn turn(Contender contender, long lengthMs)
            throws IOException, InterruptedException {
        contender.lab.pinReceiver(DIRECTOR_CPU);
        try (ForwardLoad.Run _ = contender.load.start(LOAD_CPU)) {
            loadFor(SETTLE_MS);
            long sentBefore = contender.load.sent();
            long before = contender.lab.received();
            long cpuBefore = contender.lab.cpuNs();
            long start = System.nanoTime();
            loadFor(lengthMs);
            long sent = contender.load.sent() - sentBefore;
            long received = contender.lab.received() - before;
            double elapsed = (System.nanoTime() - start) / 1e9;
            double cpu = (contender.lab.cpuNs() - cpuBefore) / 1e9;
            return new Turn(sent / elapsed, received / elapsed, cpu / elapsed);
        }
    }

    /// Whether all contenders were as busy as their CPU allows.
    private static boolean conclusive(List<Contender> contenders) {
        return contenders.stream().allMatch(each -> each.median(Turn::cpu) >= BUSY);
    }

    private void print(
            List<Contender> contenders, double ratio, double perCpuRatio, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%d flows of UDP, frames of %d bytes, %d rounds of %d s; thousands of packets a"
                        + " second%n",
                flows,
                ForwardLoad.FRAME,
                rounds,
                seconds);
        out.printf(
                Locale.ROOT,
                "%-28s %10s %10s %10s %10s %10s%n",
                "",
                "median",
                "min",
                "offered",
                "CPU",
                "per CPU s");
        for (Contender each : contenders) {
            out.printf(
                    Locale.ROOT,
                    "%-28s %,10.0f %,10.0f %,10.0f %9.0f%% %,10.0f%n",
                    each.what,
                    each.median(Turn::forwarded) / 1e3,
                    each.min() / 1e3,
                    each.median(Turn::offered) / 1e3,
                    each.median(Turn::cpu) * 100,
                    each.median(Turn::perCpu) / 1e3);
        }
        out.printf(
                Locale.ROOT,
                "JVS / nftables: %.2f (%.2f per CPU second); promised: %.2f%s%n",
                ratio,
                perCpuRatio,
                PROMISE,
                ratio >= PROMISE ? "" : "  TOO SLOW");
        if (!conclusive(contenders)) {
            out.println(
                    "Others used the CPUs meanwhile: packets per second prove nothing, the ratio per"
                            + " CPU second is the better guess. Repeat it on a quiet machine.");
        }
    }

    private void printJson(
            List<Contender> contenders, double ratio, double perCpuRatio, PrintStream out) {
        JsonMapper mapper = new JsonMapper();
        ObjectNode root = mapper.createObjectNode();
        root.put("ratio", ratio);
        root.put("ratioPerCpuSecond", perCpuRatio);
        root.put("conclusive", conclusive(contenders));
        root.put("promise", PROMISE);
        root.put("kept", ratio >= PROMISE);
        root.put("flows", flows);
        root.put("frameBytes", ForwardLoad.FRAME);
        root.put("rounds", rounds);
        root.put("seconds", seconds);
        for (Contender each : contenders) {
            ObjectNode node = root.putObject(each.name);
            node.put("medianPps", Math.round(each.median(Turn::forwarded)));
            node.put("minPps", Math.round(each.min()));
            node.put("offeredPps", Math.round(each.median(Turn::offered)));
            node.put("cpuShare", each.median(Turn::cpu));
            node.put("packetsPerCpuSecond", Math.round(each.median(Turn::perCpu)));
            ArrayNode turns = node.putArray("turnsPps");
            each.turns.forEach(turn -> turns.add(Math.round(turn.forwarded())));
        }
        out.println(root.toPrettyString());
    }
}
