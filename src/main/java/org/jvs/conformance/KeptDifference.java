package org.jvs.conformance;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;

/**
 * The few differences to the kernel that are kept on purpose, each with the rule that recognises
 * it. The report names every recording that met one; the user guide gives the reasons.
 */
enum KeptDifference {
    /**
     * The kernel's counters in listings are copied by a timer every two seconds; ours are those of
     * the moment.
     */
    CURRENT_COUNTERS("counters are of the moment, not up to 2 s old") {
        @Override
        boolean explains(String command, String recorded, String ours, Lab lab) {
            boolean counters =
                    command.contains("--stats") || command.contains("/proc/net/ip_vs_stats");
            if (!counters || lab.quietMs() > KERNEL_PERIOD_MS) {
                return false;
            }
            // A service in /proc/net/ip_vs_stats is counted in hexadecimal, in listings not.
            int radix = command.contains("/proc/") ? 16 : 10;
            return sameLines(recorded, ours, (left, right) -> behind(left, right, radix));
        }
    },

    /**
     * Of a destination on the director itself the kernel sees both directions. Packets that the
     * host sends do not pass JVS, and so the state follows the client's packets, as with direct
     * routing.
     */
    LOCAL_NODE_STATES("states of connections to the director itself follow the client's packets") {
        @Override
        boolean explains(String command, String recorded, String ours, Lab lab) {
            return sameLines(
                    TextComparison.sortEntries(recorded),
                    TextComparison.sortEntries(ours),
                    (left, right) -> sameButState(left, right, lab));
        }
    };

    private static final long KERNEL_PERIOD_MS = 2000;

    private static final Pattern ENTRY =
            Pattern.compile("(TCP\\s+)\\S+(\\s+)(\\S+)(\\s+)(\\S+)(\\s+)(\\S+)(\\s+)(\\S+)\\s*");

    private static final Pattern PROC_ENTRY =
            Pattern.compile(
                    "(TCP [0-9A-Fa-f:]+ [0-9A-F]{4} [0-9A-Fa-f:]+ [0-9A-F]{4} )([0-9A-Fa-f:]+)"
                            + "( [0-9A-F]{4}) \\S+ +(LOCAL +)?\\d+\\s*");

    private static final Pattern DESTINATION =
            Pattern.compile("(  -> )(\\S+)(:\\d+ +\\S+ +\\d+ +)(\\d+) +(\\d+)\\s*");

    private final String text;

    KeptDifference(String text) {
        this.text = text;
    }

    /** What differs, in one line. */
    String text() {
        return text;
    }

    /** Whether it is why an output differs from the recorded one. */
    abstract boolean explains(String command, String recorded, String ours, Lab lab);

    /** The difference that explains an output, or null. */
    static @Nullable KeptDifference between(String command, String recorded, String ours, Lab lab) {
        return Arrays.stream(values())
                .filter(kept -> kept.explains(command, recorded, ours, lab))
                .findFirst()
                .orElse(null);
    }

    private interface LinePair {
        boolean same(String recorded, String ours);
    }

    private static boolean sameLines(String recorded, String ours, LinePair pair) {
        List<String> left = TextComparison.lines(recorded);
        List<String> right = TextComparison.lines(ours);
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!left.get(i).equals(right.get(i)) && !pair.same(left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether two lines are the same words but for numbers, none of ours below the kernel's. */
    private static boolean behind(String recorded, String ours, int radix) {
        String[] left = recorded.strip().split(" +");
        String[] right = ours.strip().split(" +");
        if (left.length != right.length) {
            return false;
        }
        for (int i = 0; i < left.length; i++) {
            if (!left[i].equals(right[i])
                    && !(isNumber(left[i], radix)
                            && isNumber(right[i], radix)
                            && Long.parseLong(left[i], radix) <= Long.parseLong(right[i], radix))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNumber(String word, int radix) {
        return word.length() < 16
                && word.chars().allMatch(c -> Character.digit(c, radix) >= 0)
                && !word.isEmpty();
    }

    private static boolean sameButState(String recorded, String ours, Lab lab) {
        Matcher left = ENTRY.matcher(recorded);
        Matcher right = ENTRY.matcher(ours);
        if (left.matches() && right.matches()) {
            return left.group(5).equals(right.group(5))
                    && left.group(7).equals(right.group(7))
                    && left.group(9).equals(right.group(9))
                    && isLocalEnd(left.group(9), lab);
        }
        left = PROC_ENTRY.matcher(recorded);
        right = PROC_ENTRY.matcher(ours);
        if (left.matches() && right.matches()) {
            return left.group(1).equals(right.group(1))
                    && left.group(2).equals(right.group(2))
                    && left.group(3).equals(right.group(3))
                    && isLocal(ofHex(left.group(2)), lab);
        }
        left = DESTINATION.matcher(recorded);
        right = DESTINATION.matcher(ours);
        return left.matches()
                && right.matches()
                && left.group(2).equals(right.group(2))
                && left.group(3).equals(right.group(3))
                && connections(left) == connections(right)
                && isLocalEnd(left.group(2) + ":0", lab);
    }

    private static long connections(Matcher destination) {
        return Long.parseLong(destination.group(4)) + Long.parseLong(destination.group(5));
    }

    private static boolean isLocalEnd(String end, Lab lab) {
        int colon = end.lastIndexOf(':');
        return colon > 0
                && isLocal(
                        Address.tryParse(end.substring(0, colon).replaceAll("[\\[\\]]", "")), lab);
    }

    private static @Nullable Address ofHex(String text) {
        return text.contains(":")
                ? Address.tryParse(text)
                : Address.ofBytes(HexFormat.of().parseHex(text));
    }

    private static boolean isLocal(@Nullable Address address, Lab lab) {
        return address != null && lab.isLocal(address);
    }
}
