package org.jvs.linux;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A program that the kernel's verifier refused. The message shows the end of the verifier's log
/// and the listing around the instruction it stopped at.
public final class BpfLoadException extends LinuxException {
    private static final long serialVersionUID = 1L;
    private static final int LOG_TAIL_CHARS = 3000;
    private static final int LISTING_LINES_AROUND = 25;
    private static final Pattern INSTRUCTION = Pattern.compile("(?m)^(\\d+): \\(");
    private static final Pattern LISTED = Pattern.compile("^\\s*(\\d+):.*");

    private final String log;
    private final String listing;

    BpfLoadException(String name, int errno, String log, String listing) {
        super("load BPF program " + name, errno, message(log, listing));
        this.log = log;
        this.listing = listing;
    }

    /// The verifier's log, whole.
    public String log() {
        return log;
    }

    /// The program's listing as its author gave it, whole; empty if none was given.
    public String listing() {
        return listing;
    }

    private static String message(String log, String listing) {
        String tail = log.substring(Math.max(0, log.length() - LOG_TAIL_CHARS)).strip();
        StringBuilder text = new StringBuilder("the verifier says:\n").append(tail);
        int at = lastInstruction(log);
        if (!listing.isEmpty()) {
            text.append("\nlisting");
            text.append(at < 0 ? "" : " around instruction " + at).append(":\n");
            listing.lines()
                    .filter(line -> near(line, at))
                    .forEach(l -> text.append(l).append('\n'));
        }
        return text.toString();
    }

    private static int lastInstruction(String log) {
        Matcher matcher = INSTRUCTION.matcher(log);
        int last = -1;
        while (matcher.find()) {
            last = Integer.parseInt(matcher.group(1));
        }
        return last;
    }

    /// Listing lines begin with the instruction's number; others (labels, notes) are left out when
    /// only a part is shown.
    private static boolean near(String line, int at) {
        if (at < 0) {
            return true;
        }
        Matcher matcher = LISTED.matcher(line);
        return matcher.matches()
                && Math.abs(Integer.parseInt(matcher.group(1)) - at) <= LISTING_LINES_AROUND;
    }
}
