package org.jvs.core.proc;

import static org.jvs.core.proc.Hex.left;

import java.util.List;
import java.util.function.Consumer;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Protocol;

/**
 * {@code /proc/net/ip_vs}. The kernel walks its two hash tables, that of addresses before that of
 * firewall marks; the order within each is no promise. Persistence timeouts are in jiffies.
 */
final class ServicesFile {
    /** Jiffies per second of Debian's kernels, and of the one that the recordings come from. */
    static final int HZ = 250;

    private ServicesFile() {}

    static void print(Admin admin, Consumer<String> lines) {
        lines.accept("IP Virtual Server version 1.2.1 (size=" + admin.tableSize() + ")");
        lines.accept("Prot LocalAddress:Port Scheduler Flags");
        lines.accept("  -> RemoteAddress:Port Forward Weight ActiveConn InActConn");
        List<ServiceListing> services = admin.services();
        for (boolean marks : new boolean[] {false, true}) {
            for (ServiceListing service : services) {
                if (service.spec().key().isMark() == marks) {
                    lines.accept(service(service.spec()));
                    service.destinations().forEach(d -> lines.accept(destination(d)));
                }
            }
        }
    }

    private static String service(ServiceSpec spec) {
        ServiceKey key = spec.key();
        String oncePerPacket = spec.has(ServiceSpec.ONE_PACKET) ? "ops " : "";
        String line;
        if (key.isMark()) {
            line = "FWM  " + Hex.word(key.mark()) + " " + spec.scheduler() + " " + oncePerPacket;
        } else {
            line =
                    Protocol.name(key.protocol())
                            + "  "
                            + Hex.endpoint(key.address(), key.port())
                            + " "
                            + spec.scheduler()
                            + " ";
            // the kernel has no place for the flag in an IPv6 line, and one blank more in an IPv4
            // one
            line += key.address().isIpv6() ? "" : oncePerPacket + " ";
        }
        if (spec.has(ServiceSpec.PERSISTENT)) {
            line +=
                    "persistent "
                            + (long) spec.timeoutSeconds() * HZ
                            + " "
                            + Hex.word(netmask(spec));
        }
        return line;
    }

    /** An IPv6 prefix length passes through ntohl like the mask, and so shows in the first byte. */
    private static int netmask(ServiceSpec spec) {
        return switch (spec.key().family()) {
            case IPV4 -> spec.netmask();
            case IPV6 -> Integer.reverseBytes(spec.netmask());
        };
    }

    private static String destination(DestinationListing listing) {
        DestinationSpec spec = listing.spec();
        return "  -> "
                + Hex.endpoint(spec.address(), spec.port())
                + "      "
                + left(spec.method().listed(), 7)
                + " "
                + left(Integer.toString(spec.weight()), 6)
                + " "
                + left(Integer.toString(listing.active()), 10)
                + " "
                + left(Integer.toString(listing.inactive()), 10);
    }
}
