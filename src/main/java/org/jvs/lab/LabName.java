package org.jvs.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whose a lab is: the process that made it, told by its number and its start time, so that a later
/// process of the same number is not taken for it.
///
/// Namespaces are named `jvs-PID-START-LAB-LABEL`, the first two in base 36.
///
/// @param pid process number
/// @param startTicks start time since boot in clock ticks, field 22 of /proc/PID/stat
record LabName(long pid, long startTicks) {
    private static final Pattern NAMESPACE =
            Pattern.compile("jvs-([0-9a-z]{1,8})-([0-9a-z]{1,13})-[0-9]+-[0-9a-z-]+");

    /// This process.
    static LabName own() {
        long pid = ProcessHandle.current().pid();
        return new LabName(pid, startOf(pid));
    }

    /// The owner that a namespace's name tells; empty for namespaces that are not a lab's.
    static Optional<LabName> ofNamespace(String namespace) {
        Matcher matcher = NAMESPACE.matcher(namespace);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(
                new LabName(
                        Long.parseLong(matcher.group(1), 36),
                        Long.parseLong(matcher.group(2), 36)));
    }

    /// The name of one of this owner's namespaces.
    ///
    /// @param lab number of the lab within the process
    /// @param label small letters, digits and dashes
    String namespace(int lab, String label) {
        return this + "-" + lab + "-" + label;
    }

    boolean isAlive() {
        return startOf(pid) == startTicks;
    }

    /// `jvs-PID-START`, which the processes of the lab also carry in their environment.
    @Override
    public String toString() {
        return "jvs-" + Long.toString(pid, 36) + "-" + Long.toString(startTicks, 36);
    }

    /// -1 if there is no such process.
    private static long startOf(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // the second field, the command in parentheses, may hold anything
            String[] afterCommand = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(afterCommand[19]);
        } catch (IOException | RuntimeException _) {
            return -1;
        }
    }
}
