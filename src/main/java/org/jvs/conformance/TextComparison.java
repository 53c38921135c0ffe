package org.jvs.conformance;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;

/**
 * Whether a command printed what the kernel's did. Three things may differ, because they differ
 * from run to run of the kernel: expiry times by two seconds, the order of connection entries, and
 * the order of services where it follows a hash or ipvsadm's overflowing comparison.
 */
final class TextComparison {
    private static final int TOLERANCE_SECONDS = 2;

    private static final Pattern ENTRY =
            Pattern.compile(
                    "(TCP|UDP|SCTP|IP|ICMP)\\s+(\\d+:\\d\\d |[0-9A-Fa-f:\\[\\]]+\\s+[0-9A-F]{4} ).*",
                    Pattern.DOTALL);

    /** The Expires column of /proc/net/ip_vs_conn, which holds seconds. */
    private static final Pattern PROC_EXPIRY =
            Pattern.compile(
                    "(?m)^((?:TCP|UDP|SCTP|IP) .* [A-Z_0-9]+ +)(LOCAL +|SYNC +)?(\\d+)( |$)");

    private static final Pattern CLOCK = Pattern.compile("\\b\\d\\d:\\d\\d\\b");

    /** The first line of a service in any listing, and in what -S prints. */
    private static final Pattern SERVICE =
            Pattern.compile("(TCP|UDP|SCTP|FWM)\\s+\\S.*|-A .*", Pattern.DOTALL);

    private static final Pattern ADDRESS = Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+");

    private TextComparison() {}

    /** Whether the output of a command is as recorded. */
    static boolean same(String command, String recorded, String ours) {
        boolean saved = command.contains("save");
        String left = saved ? recorded : sortEntries(recorded);
        String right = saved ? ours : sortEntries(ours);
        return near(left, right)
                || (orderVaries(command, recorded)
                        && near(sortServices(left), sortServices(right)));
    }

    private static boolean orderVaries(String command, String recorded) {
        return command.contains("nosort")
                || Pattern.compile("/proc/net/ip_vs(\\s|$|;|\\|)").matcher(command).find()
                || addressesFarApart(recorded);
    }

    /** ipvsadm compares addresses by subtracting them as signed 32-bit numbers. */
    private static boolean addressesFarApart(String listing) {
        List<Long> addresses = new ArrayList<>();
        for (String line : lines(listing)) {
            Matcher found = ADDRESS.matcher(line);
            if (SERVICE.matcher(line).matches() && found.find()) {
                Address address = Address.tryParse(found.group());
                if (address != null) {
                    addresses.add(address.lo());
                }
            }
        }
        long low = addresses.stream().min(Comparator.naturalOrder()).orElse(0L);
        long high = addresses.stream().max(Comparator.naturalOrder()).orElse(0L);
        return high - low > Integer.MAX_VALUE;
    }

    /** The lines of a text, each with its line end. */
    static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int end = text.indexOf('\n', from);
            int next = end < 0 ? text.length() : end + 1;
            lines.add(text.substring(from, next));
            from = next;
        }
        return lines;
    }

    /** The text with each run of connection entries sorted. */
    static String sortEntries(String text) {
        StringBuilder sorted = new StringBuilder();
        List<String> run = new ArrayList<>();
        for (String line : lines(text)) {
            if (ENTRY.matcher(line).matches()) {
                run.add(line);
            } else {
                flush(run, sorted);
                sorted.append(line);
            }
        }
        flush(run, sorted);
        return sorted.toString();
    }

    private static void flush(List<String> run, StringBuilder into) {
        run.sort(Comparator.comparing(TextComparison::withoutTime));
        run.forEach(into::append);
        run.clear();
    }

    private static String withoutTime(String line) {
        String clock = PROC_EXPIRY.matcher(line).replaceAll("$1");
        return clock.replaceAll("\\d+:\\d\\d ", "");
    }

    /** Each service with the lines below it, in the order of their text. */
    private static String sortServices(String text) {
        StringBuilder head = new StringBuilder();
        List<StringBuilder> blocks = new ArrayList<>();
        for (String line : lines(text)) {
            if (SERVICE.matcher(line).matches()) {
                blocks.add(new StringBuilder(line));
            } else {
                (blocks.isEmpty() ? head : blocks.getLast()).append(line);
            }
        }
        blocks.stream().map(StringBuilder::toString).sorted().forEach(head::append);
        return head.toString();
    }

    private static boolean near(String left, String right) {
        if (left.equals(right)) {
            return true;
        }
        List<Integer> leftTimes = new ArrayList<>();
        List<Integer> rightTimes = new ArrayList<>();
        if (!takeTimes(left, leftTimes).equals(takeTimes(right, rightTimes))
                || leftTimes.size() != rightTimes.size()) {
            return false;
        }
        for (int i = 0; i < leftTimes.size(); i++) {
            if (Math.abs(leftTimes.get(i) - rightTimes.get(i)) > TOLERANCE_SECONDS) {
                return false;
            }
        }
        return true;
    }

    /** The text with every time replaced by a mark; the times in seconds go into a list. */
    private static String takeTimes(String text, List<Integer> times) {
        String clocks =
                PROC_EXPIRY
                        .matcher(text)
                        .replaceAll(match -> Matcher.quoteReplacement(clock(match)));
        return CLOCK.matcher(clocks)
                .replaceAll(match -> {
                    String time = match.group();
                    times.add(
                            Integer.parseInt(time.substring(0, 2)) * 60
                                    + Integer.parseInt(time.substring(3)));
                    return "<time>";
                });
    }

    /** Seconds as {@code mm:ss}; the width of the column goes with them. */
    private static String clock(MatchResult match) {
        int seconds = Integer.parseInt(match.group(3));
        String origin = match.group(2) == null ? "" : match.group(2).strip() + " ";
        return String.format(
                Locale.ROOT,
                "%s %s%02d:%02d%s",
                match.group(1).stripTrailing(),
                origin,
                seconds / 60,
                seconds % 60,
                match.group(4));
    }

    /** The lines that differ, ours marked + and the kernel's marked -, with line numbers. */
    static List<String> difference(String what, @Nullable String recorded, @Nullable String ours) {
        List<String> left = lines(recorded == null ? "" : recorded);
        List<String> right = lines(ours == null ? "" : ours);
        List<String> out = new ArrayList<>();
        int start = 0;
        while (start < Math.min(left.size(), right.size())
                && left.get(start).equals(right.get(start))) {
            start++;
        }
        int leftEnd = left.size();
        int rightEnd = right.size();
        while (leftEnd > start
                && rightEnd > start
                && left.get(leftEnd - 1).equals(right.get(rightEnd - 1))) {
            leftEnd--;
            rightEnd--;
        }
        out.add(what + " from line " + (start + 1) + " (- the kernel's, + ours):");
        left.subList(start, leftEnd).forEach(line -> out.add("- " + visible(line)));
        right.subList(start, rightEnd).forEach(line -> out.add("+ " + visible(line)));
        return out;
    }

    private static String visible(String line) {
        return line.endsWith("\n")
                ? line.substring(0, line.length() - 1).replace("\t", "\\t")
                : line + "\\";
    }
}
