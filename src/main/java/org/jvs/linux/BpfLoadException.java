package org.jvs.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A program that the kernel's verifier refused. The message says in its first line what was
/// refused and why; then it shows the listing around the refused instruction, the end of the
/// verifier's log, and what to try next.
public final class BpfLoadException extends LinuxException {
    private static final long serialVersionUID = 1L;
    private static final int LINES_BEFORE = 14;
    private static final int LINES_AFTER = 6;
    private static final int LOG_CHARS = 1 << 16;
    private static final Pattern LISTED = Pattern.compile("^ *(\\d+): .*");

    private final String log;
    private final String listing;

    BpfLoadException(String name, int errno, String log, String listing) {
        super("load BPF program " + name, errno, message(VerifierLog.parse(log), listing));
        this.log = log.substring(Math.max(0, log.length() - LOG_CHARS));
        this.listing = listing;
    }

    /// The end of the verifier's log, 64 KiB at most.
    public String log() {
        return log;
    }

    /// The program's listing as its author gave it, whole; empty if none was given.
    public String listing() {
        return listing;
    }

    private static String message(VerifierLog log, String listing) {
        StringBuilder text = new StringBuilder("the verifier refused ");
        int at = log.instruction();
        text.append(at == VerifierLog.NONE ? "the program" : "instruction " + at);
        text.append(log.reason().isEmpty() ? "" : ": ").append(log.reason()).append('\n');
        around(listing.lines().toList(), at).forEach(line -> text.append(line).append('\n'));
        if (!log.end().isEmpty()) {
            text.append("the end of the verifier's log:\n");
            log.end().forEach(line -> text.append("  ").append(line).append('\n'));
        }
        return text.append("Try: ").append(log.next()).toString();
    }

    /// The part of a listing around an instruction, which gets an arrow. Nothing if it is not
    /// there.
    private static List<String> around(List<String> listing, int at) {
        for (int i = 0; i < listing.size(); i++) {
            Matcher matcher = LISTED.matcher(listing.get(i));
            if (matcher.matches() && Integer.parseInt(matcher.group(1)) == at) {
                int from = Math.max(0, i - LINES_BEFORE);
                int to = Math.min(listing.size(), i + LINES_AFTER + 1);
                List<String> part = new ArrayList<>();
                for (int line = from; line < to; line++) {
                    part.add((line == i ? "->" : "  ") + listing.get(line));
                }
                return part;
            }
        }
        return List.of();
    }
}
