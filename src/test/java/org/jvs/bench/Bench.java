package org.jvs.bench;

import java.util.Arrays;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** {@code ./jvs bench}: the benchmarks by name. */
public final class Bench {
    private Bench() {}

    /** Runs the benchmarks that the first word names. */
    public static void main(String[] args) throws RunnerException {
        String what = args.length == 0 ? "" : args[0];
        switch (what) {
            case "engine" -> engine(Arrays.copyOfRange(args, 1, args.length));
            default -> {
                System.err.println("jvs bench: '" + what + "' is not one of: engine [REGEX...]");
                System.err.println("Try: ./jvs bench engine");
                System.exit(2);
            }
        }
    }

    /** The JMH benchmarks of this package, with the bytes that each operation allocates. */
    private static void engine(String[] patterns) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder().addProfiler(GCProfiler.class).forks(1);
        for (String pattern : patterns.length == 0 ? new String[] {"org.jvs.bench"} : patterns) {
            options.include(pattern);
        }
        new Runner(options.build()).run();
    }
}
