package org.jvs.core.admin;

import java.util.ArrayList;
import java.util.List;

/**
 * What a director says about itself, beside services and counters.
 *
 * @param processId of the director, 0 where it has none of its own
 * @param uptimeSeconds since it was ready
 * @param connections live entries of the connection table
 * @param capacity entries that the table has room for, 0 where it is not known
 * @param interfaces those it is attached to
 * @param unreachable destinations that packets cannot be sent to
 * @param reasons why packets were dropped, passed or answered, with their number; only those seen
 */
public record DirectorStatus(
        long processId,
        long uptimeSeconds,
        long connections,
        long capacity,
        List<Interface> interfaces,
        List<Unreachable> unreachable,
        List<ReasonCount> reasons) {
    /** Nothing is known. */
    public static final DirectorStatus UNKNOWN =
            new DirectorStatus(0, 0, 0, 0, List.of(), List.of());

    /** A director that reaches all its destinations. */
    public DirectorStatus(
            long processId,
            long uptimeSeconds,
            long connections,
            long capacity,
            List<Interface> interfaces,
            List<ReasonCount> reasons) {
        this(processId, uptimeSeconds, connections, capacity, interfaces, List.of(), reasons);
    }

    /**
     * A network interface that the director is attached to.
     *
     * @param mode how: {@code native}, {@code generic} ...
     * @param received packets handed to the director
     * @param sent packets that the director sent
     * @param dropped packets lost between the interface and the director, ring overflows included
     * @param advice empty, or what is wrong with the interface and the command that puts it right
     */
    public record Interface(
            String name, String mode, long received, long sent, long dropped, String advice) {}

    /**
     * A destination that packets cannot be sent to.
     *
     * @param address of the realserver
     * @param reason a line for people
     */
    public record Unreachable(String address, String reason) {}

    /**
     * How often something happened to a packet.
     *
     * @param verdict what became of the packet: {@code drop}, {@code pass} ...
     * @param reason a word for programs, such as {@code NO_ROUTE}
     * @param text a line for people
     */
    public record ReasonCount(String verdict, String reason, String text, long packets) {}

    /** As lines of tab-separated fields, the form in which it passes the control socket. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        line(text, "director", processId, uptimeSeconds, connections, capacity);
        for (Interface each : interfaces) {
            line(
                    text,
                    "interface",
                    each.name,
                    each.mode,
                    each.received,
                    each.sent,
                    each.dropped,
                    each.advice);
        }
        for (Unreachable each : unreachable) {
            line(text, "unreachable", each.address, each.reason);
        }
        for (ReasonCount each : reasons) {
            line(text, "reason", each.verdict, each.reason, each.text, each.packets);
        }
        return text.toString();
    }

    private static void line(StringBuilder text, Object... fields) {
        for (int i = 0; i < fields.length; i++) {
            text.append(i == 0 ? "" : "\t");
            text.append(fields[i].toString().replace('\t', ' ').replace('\n', ' '));
        }
        text.append('\n');
    }

    /**
     * The reverse of {@link #toText}. Lines of an unknown kind are passed over, so that a newer
     * director can be asked.
     *
     * @throws IllegalArgumentException if a line has too few fields or one is not a number
     */
    public static DirectorStatus parse(String text) {
        long[] numbers = new long[4];
        List<Interface> interfaces = new ArrayList<>();
        List<Unreachable> unreachable = new ArrayList<>();
        List<ReasonCount> reasons = new ArrayList<>();
        for (String line : text.lines().toList()) {
            String[] field = line.split("\t", -1);
            int wanted =
                    switch (field[0]) {
                        case "director", "reason" -> 5;
                        case "interface" -> 7;
                        case "unreachable" -> 3;
                        default -> 0;
                    };
            if (field.length < wanted) {
                throw new IllegalArgumentException("too few fields in '" + line + "'");
            }
            switch (field[0]) {
                case "director" -> {
                    for (int i = 0; i < numbers.length; i++) {
                        numbers[i] = Long.parseLong(field[i + 1]);
                    }
                }
                case "interface" ->
                        interfaces.add(
                                new Interface(
                                        field[1],
                                        field[2],
                                        Long.parseLong(field[3]),
                                        Long.parseLong(field[4]),
                                        Long.parseLong(field[5]),
                                        field[6]));
                case "unreachable" -> unreachable.add(new Unreachable(field[1], field[2]));
                case "reason" ->
                        reasons.add(
                                new ReasonCount(
                                        field[1], field[2], field[3], Long.parseLong(field[4])));
                default -> {}
            }
        }
        return new DirectorStatus(
                numbers[0], numbers[1], numbers[2], numbers[3], interfaces, unreachable, reasons);
    }
}
