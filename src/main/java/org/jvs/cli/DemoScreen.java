package org.jvs.cli;

import java.io.Console;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.lab.Demonstration;
import org.jvs.lab.Topology;

/**
 * The live demo on a terminal of 80 by 24, drawn over and over; where standard output is no
 * terminal, a line a second.
 */
final class DemoScreen {
    private static final int BAR = 10;
    private static final String HOME_AND_CLEAR = "\033[H\033[J";
    private static final String HIDE_CURSOR = "\033[?25l";
    private static final String SHOW_CURSOR = "\033[?25h";

    private final Demonstration demonstration;
    private final PrintStream out;
    private final boolean terminal;
    private final List<String> events = new ArrayList<>();
    private Map<String, Long> before;
    private final long startedNs = System.nanoTime();
    private long drawnNs = startedNs;
    private boolean ended;

    DemoScreen(Demonstration demonstration, PrintStream out) {
        this.demonstration = demonstration;
        this.out = out;
        before = demonstration.served();
        terminal = isTerminal();
        if (terminal) {
            out.print(HIDE_CURSOR);
        } else {
            out.println(title());
        }
    }

    /** Error Prone says that a console is never null; the one of java.base is, when redirected. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null
                && console.isTerminal()
                && !"dumb".equals(System.getenv().getOrDefault("TERM", "dumb"));
    }

    /** The method as the command line names it. */
    static String word(ForwardingMethod method) {
        return switch (method) {
            case NAT -> "nat";
            case DIRECT -> "dr";
            case TUNNEL -> "tun";
            case LOCAL, BYPASS -> throw new IllegalArgumentException(method + " is not shown");
        };
    }

    /** Something to tell, now and for a while. */
    synchronized void event(String text) {
        events.add(text);
        if (events.size() > 3) {
            events.removeFirst();
        }
        if (!terminal && !ended) {
            out.println("  " + text);
        }
    }

    /** Draws what there is now. */
    synchronized void draw() {
        long now = System.nanoTime();
        double seconds = (now - drawnNs) / 1e9;
        if (ended || !terminal && seconds < 1) {
            return;
        }
        drawnNs = now;
        Map<String, Long> served = demonstration.served();
        if (terminal) {
            out.print(HOME_AND_CLEAR + String.join("\n", screen(served, seconds)) + "\n");
            out.flush();
        } else {
            out.println(line(served, seconds));
        }
        before = served;
    }

    private String title() {
        Demonstration.Plan plan = demonstration.plan();
        return "JVS demo: method %s, scheduler %s, %s, XDP %s"
                .formatted(
                        word(plan.method()),
                        plan.scheduler(),
                        plan.family() == Family.IPV6 ? "IPv6" : "IPv4",
                        demonstration.mode());
    }

    private static String withPort(Address address, int port) {
        return (address.isIpv6() ? "[" + address + "]" : address.toString()) + ":" + port;
    }

    private String line(Map<String, Long> served, double seconds) {
        StringBuilder line = new StringBuilder();
        served.forEach((name, count) ->
                line.append("%s %d (%d/s)  ".formatted(name, count, rate(name, count, seconds))));
        return line + "failed " + demonstration.failed();
    }

    private long rate(String name, long count, double seconds) {
        return Math.round((count - before.getOrDefault(name, 0L)) / seconds);
    }

    private List<String> screen(Map<String, Long> served, double seconds) {
        Family family = demonstration.plan().family();
        List<String> lines = new ArrayList<>();
        lines.add(title());
        lines.add("");
        lines.add(
                "  client  ->  VIP "
                        + withPort(Topology.vip(family), Demonstration.VIRTUAL_PORT)
                        + "  ->  director  ->  realservers");
        lines.add("");
        lines.add("  realserver                 weight  active  inactive   served  per second");
        ServiceListing listing = demonstration.listing();
        long most = 1;
        for (Map.Entry<String, Long> each : served.entrySet()) {
            most = Math.max(most, rate(each.getKey(), each.getValue(), seconds));
        }
        int number = 1;
        for (Map.Entry<String, Long> each : served.entrySet()) {
            lines.add(row(listing, number++, each.getKey(), each.getValue(), most, seconds));
        }
        long sum = served.values().stream().mapToLong(Long::longValue).sum();
        lines.add("");
        lines.add("  requests %d   failed %d".formatted(sum, demonstration.failed()));
        String failure = demonstration.lastFailure();
        if (failure != null) {
            lines.add("  last failure: " + failure.substring(0, Math.min(60, failure.length())));
        }
        lines.add("");
        events.forEach(event -> lines.add("  " + event));
        lines.add("");
        String director = demonstration.net().director().namespace().name();
        String client = demonstration.net().client().namespace().name();
        lines.add("  Look inside, from another terminal:");
        lines.add("    N=/run/netns/" + director);
        lines.add("    sudo nsenter --net=$N bin/ipvsadm -Ln --stats");
        lines.add("    sudo nsenter --net=/run/netns/" + client);
        lines.add("  Ctrl-C ends it and removes everything.");
        return lines;
    }

    private String row(
            @Nullable ServiceListing listing,
            int number,
            String name,
            long count,
            long most,
            double seconds) {
        Address address = demonstration.realAddress(number);
        int weight = 0;
        int active = 0;
        int inactive = 0;
        if (listing != null) {
            for (DestinationListing each : listing.destinations()) {
                if (each.spec().address().equals(address)) {
                    weight = each.spec().weight();
                    active = each.active();
                    inactive = each.inactive();
                }
            }
        }
        long rate = rate(name, count, seconds);
        return "  %-4s %-21s %6d  %6d  %8d  %7d  %4d %s"
                .formatted(
                        name,
                        withPort(address, demonstration.realPort()),
                        weight,
                        active,
                        inactive,
                        count,
                        rate,
                        "#".repeat((int) (rate * BAR / most)))
                .stripTrailing();
    }

    /** Leaves the terminal as it was, and says what came of it. */
    synchronized void end() {
        if (ended) {
            return;
        }
        ended = true;
        if (terminal) {
            out.print(SHOW_CURSOR);
        }
        out.println();
        summary(demonstration, (System.nanoTime() - startedNs) / 1e9).forEach(out::println);
        out.flush();
    }

    /** The outcome of a run, in a few lines. */
    static List<String> summary(Demonstration demonstration, double seconds) {
        List<String> lines = new ArrayList<>();
        Map<String, Long> served = demonstration.served();
        long sum = served.values().stream().mapToLong(Long::longValue).sum();
        Demonstration.Plan plan = demonstration.plan();
        lines.add(
                "%s, %s, %s: %d requests in %.1f s, %d failed"
                        .formatted(
                                word(plan.method()),
                                plan.scheduler(),
                                plan.family() == Family.IPV6 ? "IPv6" : "IPv4",
                                sum + demonstration.failed(),
                                seconds,
                                demonstration.failed()));
        served.forEach((name, count) -> lines.add("  " + name + " served " + count));
        String failure = demonstration.lastFailure();
        if (failure != null) {
            lines.add("  the last failure: " + failure);
        }
        return lines;
    }
}
