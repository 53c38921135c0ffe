package org.jvs.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.Main;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** {@code ./jvs bench engine}: measures, and compares with the limits that JVS promises. */
public final class Bench {
    /**
     * A promise.
     *
     * @param limitNs nanoseconds per operation, 0 where nothing is promised
     * @param noGarbage whether nothing may be allocated
     */
    private record Limit(String benchmark, String what, double limitNs, boolean noGarbage) {
        /** Whether each operation writes the packet that it is about, which is not JVS's work. */
        boolean writesPacket() {
            return !benchmark.startsWith("wlc")
                    && !benchmark.startsWith("mh")
                    && !benchmark.startsWith("lookUp")
                    && !benchmark.equals(WRITTEN);
        }
    }

    private static final String WRITTEN = "written";

    private static final List<Limit> LIMITS =
            List.of(
                    new Limit(WRITTEN, "writing a packet", 0, true),
                    new Limit("establishedNat", "established, NAT, among 64 k flows", 150, true),
                    new Limit("establishedNatAlone", "  the same, one packet at a time", 0, true),
                    new Limit("replyNat", "reply, NAT, among 64 k flows", 150, true),
                    new Limit("establishedNatV6", "established, NAT, IPv6", 0, true),
                    new Limit("establishedDirect", "established, direct routing", 0, true),
                    new Limit("establishedTunnel", "established, IPIP tunnel", 0, true),
                    new Limit("unrelated", "a packet that is not ours", 0, true),
                    new Limit("newConnectionRr", "new connection, rr over 10", 400, true),
                    new Limit("newConnectionWlc", "new connection, wlc over 10", 400, true),
                    new Limit("lookUpAmongMillion", "look-up among 1 M in 64 MiB", 0, true),
                    new Limit("wlcOverThousand", "wlc over 1,000 destinations", 3_000, true),
                    new Limit("mhTableOfThousand", "mh table of 1,000 destinations", 200e6, false));

    private Bench() {}

    /** See {@link #USAGE}. */
    public static void main(String[] args) throws RunnerException, IOException {
        String what = args.length == 0 ? "" : args[0];
        String[] rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
        switch (what) {
            case "engine" -> System.exit(engine(rest) ? 0 : 1);
            case "fastpath" -> System.exit(FastpathBench.run(rest));
            case "forward" -> System.exit(ForwardBench.run(rest));
            case "jmh" -> Main.main(rest);
            default -> {
                System.err.print(USAGE);
                System.exit(2);
            }
        }
    }

    private static final String USAGE =
"""
            Usage: ./jvs bench engine [--quick] [NAME...]
                   ./jvs bench fastpath [--quick] [--json] [NAME...]
                   ./jvs bench forward [--help]
                   ./jvs bench jmh [ARGUMENTS OF JMH]
              engine   nanoseconds and bytes per packet, look-up, choice, beside limits
              fastpath nanoseconds per packet of the program in the kernel, beside its floors
              forward  packets per second over AF_XDP beside nftables' DNAT
              --quick  a second each, for a first impression
              NAME     only benchmarks whose names contain it, e.g. establishedNat
                       least: of the iterations, the one that others disturbed least;
                       net: without the writing of the packet, which a ring would bring
              jmh      JMH itself, for all benchmarks there are; try: ./jvs bench jmh -l
            Exits with 1 if a limit is not kept.
""";

    private static boolean engine(String[] args) throws RunnerException {
        boolean quick = List.of(args).contains("--quick");
        for (String arg : args) {
            if (arg.startsWith("-") && !arg.equals("--quick")) {
                System.err.print(USAGE);
                System.exit(arg.equals("--help") ? 0 : 2);
            }
        }
        List<String> names = Arrays.stream(args).filter(arg -> !arg.startsWith("--")).toList();
        boolean kept = true;
        System.out.printf(
                Locale.ROOT,
                "%-34s %11s %11s %11s %11s %6s %6s%n",
                "",
                "median ns",
                "least ns",
                "net ns",
                "limit ns",
                "ratio",
                "B/op");
        double writing = 0;
        for (Limit limit : LIMITS) {
            boolean needed = limit.benchmark().equals(WRITTEN);
            if (!needed
                    && !names.isEmpty()
                    && names.stream().noneMatch(limit.benchmark()::contains)) {
                continue;
            }
            Collection<RunResult> results = new Runner(options(limit, quick)).run();
            for (RunResult result : results) {
                if (needed) {
                    writing = least(result);
                }
                kept &= print(limit, result, writing);
            }
        }
        return kept;
    }

    private static Options options(Limit limit, boolean quick) {
        return new OptionsBuilder()
                .include("\\." + limit.benchmark() + "$")
                .forks(1)
                .warmupIterations(quick ? 6 : 8)
                .warmupTime(TimeValue.milliseconds(500))
                .measurementIterations(quick ? 10 : 30)
                .measurementTime(TimeValue.milliseconds(quick ? 100 : 200))
                .addProfiler(GCProfiler.class)
                .addProfiler(CpuTime.class)
                .verbosity(VerboseMode.SILENT)
                .jvmArgsAppend(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Xmx1g")
                .build();
    }

    private static double median(@Nullable Result<?> result) {
        return result == null ? Double.NaN : result.getStatistics().getPercentile(50);
    }

    /** The iteration that the neighbours disturbed least, on the clock or in CPU time. */
    private static double least(RunResult run) {
        Result<?> cpu = run.getSecondaryResults().get(CpuTime.LABEL);
        double wall = run.getPrimaryResult().getStatistics().getMin();
        return cpu == null ? wall : Math.min(wall, cpu.getStatistics().getMin());
    }

    private static boolean print(Limit limit, RunResult run, double writing) {
        double least = least(run);
        double net = limit.writesPacket() ? least - writing : least;
        Result<?> allocated = run.getSecondaryResults().get("gc.alloc.rate.norm");
        double bytes = allocated == null ? 0 : allocated.getScore();
        boolean slow = limit.limitNs() > 0 && net > limit.limitNs();
        boolean garbage = limit.noGarbage() && bytes >= 0.5;
        System.out.printf(
                Locale.ROOT,
                "%-34s %,11.1f %,11.1f %,11.1f %11s %6s %6.1f%s%n",
                limit.what(),
                median(run.getPrimaryResult()),
                least,
                net,
                limit.limitNs() > 0 ? String.format(Locale.ROOT, "%,.0f", limit.limitNs()) : "-",
                limit.limitNs() > 0
                        ? String.format(Locale.ROOT, "%.2f", net / limit.limitNs())
                        : "-",
                bytes,
                slow ? "  TOO SLOW" : garbage ? "  ALLOCATES" : "");
        return !slow && !garbage;
    }
}
