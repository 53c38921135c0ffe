package org.jvs.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the verifier's log says: the instruction it stopped at, and why. The log is no interface of
/// the kernel's; what is not recognised is shown as it is.
///
/// @param instruction number of the refused one, [#NONE] if the program as such was refused
/// @param reason the verifier's last message
/// @param end the last lines, without the statistics
record VerifierLog(int instruction, String reason, List<String> end) {
    static final int NONE = -1;

    /// What helps against a message, of which the first that fits counts.
    private record Advice(String message, String next) {}

    private static final int END_LINES = 16;
    private static final int LINE_CHARS = 400;
    private static final int REASON_LINES = 2;

    /// `12: (71) r0 = *(u8 *)(r2 +0)`, which ends with the registers afterwards on newer kernels.
    private static final Pattern STEP = Pattern.compile("^(\\d+): \\([0-9a-f]{2}\\) .*");

    /// Registers at some place, the verifier's way back, remarks of the source, statistics.
    private static final Pattern CHATTER =
            Pattern.compile(
                    "^(\\d+: | )?R\\d+(_\\w+)?=.*|^\\d+: safe$|^from \\d+ to \\d+.*|^;.*|^mark_precise.*"
                            + "|^ *frame\\d+: .*|^(caller|callee):$"
                            + "|^(regs|last_idx|first_idx|parent|processed|verification time|"
                            + "stack depth|insns processed|func#)\\b.*|^\\s*$");

    /// Messages that name the instruction themselves, before any was looked at.
    private static final Pattern NAMED =
            Pattern.compile("(?:unreachable|from|at|reachable|in) insn (\\d+)|^insn (\\d+)");

    private static final List<Advice> ADVICE =
            List.of(
                    new Advice(
                            "invalid access to packet",
                            "ask whether the packet reaches that far before reading it; the check has to be"
                                    + " on the same pointer, and pointers end with a call that moves data"),
                    new Advice("_or_null", "compare the pointer with zero before using it"),
                    new Advice(
                            "invalid mem access 'scalar'",
                            "that register holds a number: pointers into the packet end with a call that"
                                    + " moves data, and do not survive 32-bit arithmetic"),
                    new Advice(
                            "!read_ok",
                            "set the register on every way to that instruction; a call keeps R6 to R9 only"),
                    new Advice(
                            "invalid read from stack",
                            "write every byte of the stack before it is read or handed over"),
                    new Advice(
                            "invalid indirect read from stack",
                            "write every byte of the stack before it is handed over, padding included"),
                    new Advice(
                            "min value is negative",
                            "bound the offset from below: mask it, or compare unsigned"),
                    new Advice(
                            "unbounded memory access",
                            "bound the offset from above, by a mask or a comparison, before it is added"),
                    new Advice(
                            "invalid access to map value",
                            "bound the offset so that the access ends within the map's value"),
                    new Advice("misaligned", "give the field an offset that its size divides"),
                    new Advice("unreachable insn", "take away the code that no way leads to"),
                    new Advice("infinite loop", "let the loop count up to a constant"),
                    new Advice("back-edge", "Linux 5.3 or later takes loops; or unroll it"),
                    new Advice(
                            "too large",
                            "the verifier walked a million instructions: move repeated parts into"
                                    + " functions, join ways earlier, shorten loops"),
                    new Advice(
                            "too complex",
                            "too many ways lead through the program: move parts into functions, join ways"
                                    + " earlier"),
                    new Advice(
                            "unknown func",
                            "this kernel is too old for that helper, or it is not for"
                                    + " programs of this type"),
                    new Advice("combined stack size", "use less stack, or call less deeply"),
                    new Advice("not pointing to valid bpf_map", "open the map before the program"));

    /// Reads the end of a log, however long it is.
    static VerifierLog parse(String log) {
        List<String> lines = new ArrayList<>();
        int from = Math.max(0, log.length() - END_LINES * LINE_CHARS * 4);
        log.substring(from).lines().forEach(lines::add);
        int last = lines.size() - 1;
        int step = NONE;
        List<String> reasons = new ArrayList<>();
        for (int i = last; i >= 0 && step == NONE; i--) {
            String line = lines.get(i);
            Matcher matcher = STEP.matcher(line);
            if (matcher.matches()) {
                step = Integer.parseInt(matcher.group(1));
            } else if (!CHATTER.matcher(line).matches() && reasons.size() < REASON_LINES) {
                reasons.addFirst(line.strip());
            }
        }
        String reason = String.join("; ", reasons);
        Matcher named = NAMED.matcher(reason);
        if (named.find()) {
            String number = named.group(1) == null ? named.group(2) : named.group(1);
            step = Integer.parseInt(number);
        }
        List<String> end =
                lines.stream()
                        .filter(line -> !line.startsWith("processed ") && !line.isBlank())
                        .map(line ->
                                line.length() <= LINE_CHARS
                                        ? line
                                        : line.substring(0, LINE_CHARS) + "...")
                        .toList();
        return new VerifierLog(
                step,
                reason,
                List.copyOf(end.subList(Math.max(0, end.size() - END_LINES), end.size())));
    }

    /// What the program's author should try.
    String next() {
        if (reason.isEmpty()) {
            return "uname -r; the kernel gave no reason, so that it may be too old for an"
                    + " instruction or for the program's size";
        }
        return ADVICE.stream()
                .filter(advice -> reason.contains(advice.message))
                .map(Advice::next)
                .findFirst()
                .orElse(
                        "look what the instruction's registers hold on the way that the verifier"
                                + " names");
    }
}
