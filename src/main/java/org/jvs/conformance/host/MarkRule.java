package org.jvs.conformance.host;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A rule that gives packets a firewall mark. What is null or empty matches everything.
 *
 * @param protocol IP protocol number, -1 for any
 * @param eitherPorts source or destination port may match
 * @param device interface the packet came in on
 * @param mask bits of the mark that are replaced
 */
public record MarkRule(
        boolean ipv6,
        @Nullable Prefix source,
        boolean notSource,
        @Nullable Prefix destination,
        boolean notDestination,
        int protocol,
        List<Range> sourcePorts,
        List<Range> destinationPorts,
        List<Range> eitherPorts,
        @Nullable String device,
        int mark,
        int mask) {

    /** Ports from..to, both included. */
    public record Range(int from, int to) {
        boolean contains(int port) {
            return port >= from && port <= to;
        }
    }

    /** Whether a packet that came in on an interface is meant. */
    boolean matches(PacketView p, String in) {
        return p.ipv6() == ipv6
                && (source == null || source.contains(p.source()) != notSource)
                && (destination == null || destination.contains(p.destination()) != notDestination)
                && (protocol < 0 || p.protocol() == protocol)
                && (device == null || device.equals(in))
                && portsMatch(p);
    }

    private boolean portsMatch(PacketView p) {
        if (sourcePorts.isEmpty() && destinationPorts.isEmpty() && eitherPorts.isEmpty()) {
            return true;
        }
        return p.hasPorts()
                && (sourcePorts.isEmpty() || in(sourcePorts, p.sourcePort()))
                && (destinationPorts.isEmpty() || in(destinationPorts, p.destinationPort()))
                && (eitherPorts.isEmpty()
                        || in(eitherPorts, p.sourcePort())
                        || in(eitherPorts, p.destinationPort()));
    }

    private static boolean in(List<Range> ranges, int port) {
        return ranges.stream().anyMatch(range -> range.contains(port));
    }

    /** The mark of a packet after this rule matched. */
    int apply(int before) {
        return before & ~mask ^ mark;
    }
}
