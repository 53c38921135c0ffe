package org.jvs.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.net.Family;
import org.jvs.core.sched.Schedulers;
import org.jvs.lab.Demonstration;
import org.jvs.lab.Lab;
import org.jvs.lab.LabDirector;
import org.jvs.lab.LabHost;
import org.jvs.lab.Privileges;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code jvs demo}: a client, a director and three realservers in network namespaces of their own.
 * Live it shows who serves what while realservers are quiesced in turn; {@code --once} makes a
 * fixed number of requests and fails unless all are answered.
 */
final class Demo implements Subcommand {
    private static final int FIXED_REQUESTS = 90;
    private static final int FIXED_PARALLEL = 3;
    private static final int LIVE_CLIENTS = 4;
    private static final int LIVE_PAUSE_MS = 40;
    private static final String TRY_ROOT = "sudo ./jvs demo";

    @Override
    public void declare(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Needs root and touches nothing but network namespaces of its own, which",
                        "are gone afterwards. Example: sudo ./jvs demo --method dr -6");
        spec.addOption(
                OptionSpec.builder("--method")
                        .paramLabel("nat|dr|tun")
                        .type(String.class)
                        .defaultValue("nat")
                        .description("how packets reach the realservers; nat unless given")
                        .build());
        spec.addOption(
                OptionSpec.builder("--scheduler")
                        .paramLabel("NAME")
                        .type(String.class)
                        .defaultValue("rr")
                        .description("rr unless given; wlc, sh, mh ...")
                        .build());
        spec.addOption(flag("IPv4, as without it", "-4", "--ipv4"));
        spec.addOption(flag("IPv6 instead of IPv4", "-6", "--ipv6"));
        spec.addOption(flag("a fixed run instead of a live one", "--once"));
        spec.addOption(flag("one JSON object at the end, nothing else", "--json"));
        spec.addOption(
                OptionSpec.builder("--requests")
                        .paramLabel("N")
                        .type(Integer.class)
                        .description("how many requests; " + FIXED_REQUESTS + " with --once")
                        .build());
    }

    private static OptionSpec flag(String description, String... names) {
        return OptionSpec.builder(names).description(description).build();
    }

    /** What the command line asks for. */
    private record Wanted(
            Demonstration.Plan plan, boolean fixed, boolean json, @Nullable Integer requests) {}

    @Override
    public int run(ParseResult line, PrintStream out, PrintStream err) throws Exception {
        Wanted wanted = wanted(line);
        List<String> missing = Privileges.missing();
        if (!missing.isEmpty()) {
            throw new CommandFailure(
                    "this needs root, to make network namespaces (missing: "
                            + String.join(", ", missing)
                            + ")",
                    TRY_ROOT);
        }
        if (wanted.plan.family() == Family.IPV6 && !Privileges.hasIpv6()) {
            return inNamespaceWithIpv6(line.originalArgs());
        }
        try (Demonstration demonstration = start(wanted.plan)) {
            return wanted.fixed
                    ? fixed(demonstration, wanted, out)
                    : live(demonstration, wanted, out);
        }
    }

    private static Wanted wanted(ParseResult line) {
        String method = line.matchedOptionValue("--method", "nat");
        String scheduler = line.matchedOptionValue("--scheduler", "rr");
        Integer requests = line.matchedOptionValue("--requests", (Integer) null);
        boolean json = line.hasMatchedOption("--json");
        boolean fixed = json || line.hasMatchedOption("--once");
        if (!Schedulers.names().contains(scheduler)) {
            throw wrong(
                    line,
                    "there is no scheduler '%s'; it is one of %s"
                            .formatted(scheduler, String.join(" ", Schedulers.names())));
        }
        if (requests != null && (requests < 1 || requests > 1_000_000)) {
            throw wrong(line, "--requests " + requests + " is not in 1..1000000");
        }
        if (line.hasMatchedOption("-4") && line.hasMatchedOption("-6")) {
            throw wrong(line, "-4 and -6 exclude each other");
        }
        Demonstration.Plan plan =
                new Demonstration.Plan(
                        switch (method) {
                            case "nat" -> ForwardingMethod.NAT;
                            case "dr" -> ForwardingMethod.DIRECT;
                            case "tun" -> ForwardingMethod.TUNNEL;
                            default ->
                                    throw wrong(
                                            line,
                                            "--method '" + method + "' is not nat, dr or tun");
                        },
                        scheduler,
                        line.hasMatchedOption("-6") ? Family.IPV6 : Family.IPV4);
        return new Wanted(plan, fixed, json, requests);
    }

    private static ParameterException wrong(ParseResult line, String message) {
        return new ParameterException(line.commandSpec().commandLine(), message);
    }

    private static Demonstration start(Demonstration.Plan plan) throws CommandFailure {
        try {
            return Demonstration.start(plan);
        } catch (IOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), "./jvs version");
        }
    }

    /** A JVM without IPv6 (see {@link Privileges#hasIpv6}) starts another where there is some. */
    private static int inNamespaceWithIpv6(List<String> arguments)
            throws IOException, InterruptedException, CommandFailure {
        if (System.getenv("JVS_LAB") != null) {
            throw new CommandFailure(
                    "this kernel has no IPv6, or it is turned off", "sudo ./jvs demo, without -6");
        }
        List<String> command = LabDirector.javaCommand();
        command.add("demo");
        command.addAll(arguments);
        try (Lab lab = Lab.create()) {
            LabHost host = lab.host("ipv6");
            return host.startOnTerminal(command).waitFor();
        }
    }

    private static int fixed(Demonstration demonstration, Wanted wanted, PrintStream out) {
        long started = System.nanoTime();
        int requests = wanted.requests == null ? FIXED_REQUESTS : wanted.requests;
        demonstration.request(requests, FIXED_PARALLEL);
        double seconds = (System.nanoTime() - started) / 1e9;
        if (wanted.json) {
            out.println(json(demonstration, requests, seconds));
        } else {
            DemoScreen.summary(demonstration, seconds).forEach(out::println);
        }
        return demonstration.failed() == 0 ? 0 : 1;
    }

    private static String json(Demonstration demonstration, int requests, double seconds) {
        Demonstration.Plan plan = demonstration.plan();
        ObjectNode root = new JsonMapper().createObjectNode();
        root.put("method", DemoScreen.word(plan.method()));
        root.put("scheduler", plan.scheduler());
        root.put("family", plan.family() == Family.IPV6 ? "ipv6" : "ipv4");
        root.put("mode", demonstration.mode());
        root.put("requests", requests);
        root.put("failed", demonstration.failed());
        ObjectNode served = root.putObject("served");
        demonstration.served().forEach(served::put);
        root.put("connections", demonstration.totals().connections());
        root.put("seconds", Math.round(seconds * 1000) / 1000.0);
        if (demonstration.lastFailure() != null) {
            root.put("lastFailure", demonstration.lastFailure());
        }
        return root.toPrettyString();
    }

    private static int live(Demonstration demonstration, Wanted wanted, PrintStream out)
            throws InterruptedException, IOException {
        DemoScreen screen = new DemoScreen(demonstration, out);
        demonstration.atEnd(screen::end);
        demonstration.startClients(LIVE_CLIENTS, LIVE_PAUSE_MS);
        try {
            new Play(demonstration, screen).run(wanted.requests);
        } catch (IOException | UncheckedIOException e) {
            if (demonstration.isRunning()) {
                throw e;
            }
        }
        return demonstration.failed() == 0 ? 0 : 1;
    }

    /** What happens while the live demo runs: one realserver after the other is quiesced. */
    private record Play(Demonstration demonstration, DemoScreen screen) {
        private static final int TICK_MS = 500;
        private static final int TICKS_ALL = 12;
        private static final int TICKS_QUIESCED = 10;

        void run(@Nullable Integer requests) throws InterruptedException, IOException {
            int realservers = demonstration.served().size();
            int victim = 0;
            while (true) {
                screen.event("all realservers take new connections");
                if (wait(TICKS_ALL, requests)) {
                    return;
                }
                int number = 1 + victim++ % realservers;
                demonstration.weight(number, 0);
                screen.event("rs" + number + " is quiesced: weight 0, no new connections");
                boolean done = wait(TICKS_QUIESCED, requests);
                demonstration.weight(number, 1);
                if (done) {
                    return;
                }
                screen.event("rs" + number + " is back: weight 1");
            }
        }

        /** Whether the wanted number of requests is reached. */
        private boolean wait(int ticks, @Nullable Integer requests) throws InterruptedException {
            for (int i = 0; i < ticks; i++) {
                TimeUnit.MILLISECONDS.sleep(TICK_MS);
                screen.draw();
                long sum =
                        demonstration.served().values().stream().mapToLong(Long::longValue).sum();
                if (requests != null && sum + demonstration.failed() >= requests) {
                    return true;
                }
            }
            return false;
        }
    }
}
