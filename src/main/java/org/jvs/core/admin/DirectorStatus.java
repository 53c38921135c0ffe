package org.jvs.core.admin;

import java.util.List;

/**
 * What a director says about itself, beside services and counters.
 *
 * @param processId of the director, 0 where it has none of its own
 * @param uptimeSeconds since it was ready
 * @param connections live entries of the connection table
 * @param capacity entries that the table has room for, 0 where it is not known
 * @param interfaces those it is attached to
 * @param reasons why packets were dropped, passed or answered, with their number; only those seen
 */
public record DirectorStatus(
        long processId,
        long uptimeSeconds,
        long connections,
        long capacity,
        List<Interface> interfaces,
        List<ReasonCount> reasons) {
    /** Nothing is known. */
    public static final DirectorStatus UNKNOWN =
            new DirectorStatus(0, 0, 0, 0, List.of(), List.of());

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
     * How often something happened to a packet.
     *
     * @param verdict what became of the packet: {@code drop}, {@code pass} ...
     * @param reason a word for programs, such as {@code NO_ROUTE}
     * @param text a line for people
     */
    public record ReasonCount(String verdict, String reason, String text, long packets) {}
}
