package org.jvs.control;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import org.jvs.core.admin.ConnectionListing;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.admin.Stats;
import org.jvs.core.admin.SyncDaemon;
import org.jvs.core.admin.Timeouts;
import org.jvs.core.net.Address;

/**
 * The values of {@link ControlProtocol}, each written and read side by side. Reading refuses what
 * cannot be: unknown numbers and families that do not match.
 */
final class Wire {
    private static final ForwardingMethod[] METHODS = ForwardingMethod.values();
    private static final DestinationSpec.Tunnel.Type[] TUNNELS =
            DestinationSpec.Tunnel.Type.values();
    private static final Outcome[] OUTCOMES = Outcome.values();

    private Wire() {}

    static void address(Encoder to, Address address) throws IOException {
        if (address.isIpv6()) {
            to.u8(6);
            to.i64(address.hi());
            to.i64(address.lo());
        } else {
            to.u8(4);
            to.i32((int) address.lo());
        }
    }

    static Address address(Decoder from) throws IOException {
        int version = from.u8();
        return switch (version) {
            case 4 -> Address.ipv4(from.i32());
            case 6 -> Address.ipv6(from.i64(), from.i64());
            default -> throw new ProtocolException("IP version " + version + " is not 4 or 6");
        };
    }

    static void key(Encoder to, ServiceKey key) throws IOException {
        to.u8(key.protocol());
        to.u16(key.port());
        to.i32(key.mark());
        address(to, key.address());
    }

    static ServiceKey key(Decoder from) throws IOException {
        int protocol = from.u8();
        int port = from.u16();
        int mark = from.i32();
        Address address = address(from);
        return mark == 0
                ? ServiceKey.virtual(protocol, address, port)
                : ServiceKey.ofMark(address.family(), mark);
    }

    static void service(Encoder to, ServiceSpec spec) throws IOException {
        key(to, spec.key());
        to.text(spec.scheduler());
        to.i32(spec.flags());
        to.i32(spec.timeoutSeconds());
        to.i32(spec.netmask());
        to.text(spec.persistenceEngine());
    }

    static ServiceSpec service(Decoder from) throws IOException {
        return new ServiceSpec(
                key(from), from.text(), from.i32(), from.i32(), from.i32(), from.text());
    }

    static void destination(Encoder to, DestinationSpec spec) throws IOException {
        address(to, spec.address());
        to.u16(spec.port());
        to.u8(spec.method().number());
        to.i32(spec.weight());
        to.i32(spec.upperThreshold());
        to.i32(spec.lowerThreshold());
        to.u8(tunnelNumber(spec.tunnel().type()));
        to.u16(spec.tunnel().port());
        to.u16(spec.tunnel().flags());
    }

    private static int tunnelNumber(DestinationSpec.Tunnel.Type type) {
        return switch (type) {
            case IPIP -> 0;
            case GUE -> 1;
            case GRE -> 2;
        };
    }

    static DestinationSpec destination(Decoder from) throws IOException {
        Address address = address(from);
        int port = from.u16();
        int method = from.u8();
        if (method >= METHODS.length) {
            throw new ProtocolException(
                    "forwarding method " + method + " is not in 0.." + (METHODS.length - 1));
        }
        int weight = from.i32();
        int upper = from.i32();
        int lower = from.i32();
        int type = from.u8();
        if (type >= TUNNELS.length) {
            throw new ProtocolException(
                    "tunnel type " + type + " is not in 0.." + (TUNNELS.length - 1));
        }
        DestinationSpec.Tunnel tunnel =
                new DestinationSpec.Tunnel(TUNNELS[type], from.u16(), from.u16());
        return new DestinationSpec(address, port, METHODS[method], weight, upper, lower, tunnel);
    }

    static void stats(Encoder to, Stats stats) throws IOException {
        to.i64(stats.connections());
        to.i64(stats.inPackets());
        to.i64(stats.outPackets());
        to.i64(stats.inBytes());
        to.i64(stats.outBytes());
        to.i64(stats.cps());
        to.i64(stats.inPps());
        to.i64(stats.outPps());
        to.i64(stats.inBps());
        to.i64(stats.outBps());
    }

    static Stats stats(Decoder from) throws IOException {
        return new Stats(
                from.i64(),
                from.i64(),
                from.i64(),
                from.i64(),
                from.i64(),
                from.i64(),
                from.i64(),
                from.i64(),
                from.i64(),
                from.i64());
    }

    static void listing(Encoder to, ServiceListing listing) throws IOException {
        service(to, listing.spec());
        stats(to, listing.stats());
        List<DestinationListing> destinations = listing.destinations();
        to.i32(destinations.size());
        for (DestinationListing destination : destinations) {
            destination(to, destination.spec());
            to.i32(destination.active());
            to.i32(destination.inactive());
            to.i32(destination.persistent());
            stats(to, destination.stats());
        }
    }

    static ServiceListing listing(Decoder from) throws IOException {
        ServiceSpec spec = service(from);
        Stats stats = stats(from);
        int count = from.i32();
        List<DestinationListing> destinations = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            destinations.add(
                    new DestinationListing(
                            destination(from), from.i32(), from.i32(), from.i32(), stats(from)));
        }
        return new ServiceListing(spec, stats, destinations);
    }

    static void connection(Encoder to, ConnectionListing entry) throws IOException {
        to.u8(entry.protocol());
        address(to, entry.client());
        to.u16(entry.clientPort());
        address(to, entry.virtual());
        to.u16(entry.virtualPort());
        address(to, entry.destination());
        to.u16(entry.destinationPort());
        to.text(entry.state());
        to.i64(entry.expiresMs());
        to.text(entry.persistenceEngine());
        to.text(entry.persistenceData());
    }

    static ConnectionListing connection(Decoder from) throws IOException {
        return new ConnectionListing(
                from.u8(),
                address(from),
                from.u16(),
                address(from),
                from.u16(),
                address(from),
                from.u16(),
                from.text(),
                from.i64(),
                from.text(),
                from.text());
    }

    static void timeouts(Encoder to, Timeouts timeouts) throws IOException {
        to.i32(timeouts.tcp());
        to.i32(timeouts.tcpFin());
        to.i32(timeouts.udp());
    }

    static Timeouts timeouts(Decoder from) throws IOException {
        return new Timeouts(from.i32(), from.i32(), from.i32());
    }

    static void daemon(Encoder to, SyncDaemon daemon) throws IOException {
        to.u8(daemon.master() ? 1 : 0);
        to.text(daemon.multicastInterface());
        to.i32(daemon.syncId());
        to.i32(daemon.maxLength());
        Address group = daemon.multicastGroup();
        to.u8(group == null ? 0 : 1);
        if (group != null) {
            address(to, group);
        }
        to.i32(daemon.multicastPort());
        to.i32(daemon.multicastTtl());
    }

    static SyncDaemon daemon(Decoder from) throws IOException {
        return new SyncDaemon(
                from.u8() != 0,
                from.text(),
                from.i32(),
                from.i32(),
                from.u8() != 0 ? address(from) : null,
                from.i32(),
                from.i32());
    }

    static void outcome(Encoder to, Outcome outcome) throws IOException {
        to.u8(outcome.errno());
    }

    static Outcome outcome(Decoder from) throws IOException {
        int errno = from.u8();
        for (Outcome outcome : OUTCOMES) {
            if (outcome.errno() == errno) {
                return outcome;
            }
        }
        throw new ProtocolException("error number " + errno + " is not known here");
    }
}
