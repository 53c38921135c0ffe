package org.jvs.conformance;

import java.util.List;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.jvs.conformance.host.PacketView;
import org.jvs.conformance.shell.MissingFeature;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.DestinationSpec.Tunnel;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.SyncDaemon;
import org.jvs.core.net.Protocol;

/**
 * What this version does not forward yet. A recording is played until a packet meets one of these
 * rules; then it is skipped, naming the feature. Everything up to there has to be right.
 */
final class SkipRules {
    /** The port of the FTP control connection (RFC 959), whose data NAT would have to change. */
    private static final int FTP = 21;

    /** RFC 9260 sections 3.1 and 3.3.2. */
    private static final int SCTP_HEADER = 12;

    private static final int SCTP_INIT = 1;

    /** A packet about to enter, and the director as it is configured then. */
    record Moment(PacketView packet, int mark, Admin admin) {
        /** Whether the packet, or the one that it quotes, is of a protocol. */
        boolean about(int protocol) {
            PacketView quoted = packet.quoted();
            return packet.protocol() == protocol
                    || (quoted != null && quoted.protocol() == protocol);
        }

        /** Whether there is a service with some property. */
        boolean anyService(Predicate<ServiceListing> property) {
            return admin.services().stream().anyMatch(property);
        }

        /** Whether a service is meant by the packet's destination or mark. */
        boolean isFor(ServiceListing service) {
            ServiceKey key = service.spec().key();
            return key.isMark()
                    ? key.mark() == mark && (key.address().isIpv6() == packet.ipv6())
                    : key.address().equals(packet.destination());
        }
    }

    private record Rule(String feature, Predicate<Moment> needed) {}

    private static final List<Rule> RULES =
            List.of(
                    new Rule(
                            "fragments",
                            moment ->
                                    moment.packet().isFragment()
                                            || moment.packet().fragmentHeader()),
                    new Rule(
                            "IPv4 options that ask routers for something",
                            moment -> moment.packet().hasRouterOptions()),
                    new Rule(
                            "SCTP",
                            moment ->
                                    beginsAssociation(moment)
                                            && moment.anyService(
                                                    service -> takesSctp(moment, service))),
                    new Rule(
                            "GUE and GRE tunnels",
                            moment ->
                                    moment.anyService(service ->
                                            moment.isFor(service) && hasOtherTunnel(service))),
                    new Rule(
                            "FTP through NAT",
                            moment ->
                                    moment.about(Protocol.TCP)
                                            && moment.anyService(service ->
                                                    protocol(service) == Protocol.TCP
                                                            && service.spec().key().port() == FTP
                                                            && hasNat(service))),
                    new Rule(
                            "persistence engine sip",
                            moment ->
                                    moment.about(Protocol.UDP)
                                            && moment.anyService(service ->
                                                    moment.isFor(service)
                                                            && !service.spec()
                                                                    .persistenceEngine()
                                                                    .isEmpty())),
                    new Rule(
                            "sync daemon",
                            moment ->
                                    isMulticast(moment.packet())
                                            && moment.admin().daemons().stream()
                                                    .anyMatch(daemon -> !daemon.master())));

    private SkipRules() {}

    /**
     * Looks at a packet before it enters.
     *
     * @throws MissingFeature if it needs what is not there
     */
    static void check(PacketView packet, int mark, Admin admin) {
        Moment moment = new Moment(packet, mark, admin);
        for (Rule rule : RULES) {
            if (rule.needed.test(moment)) {
                throw new MissingFeature(rule.feature);
            }
        }
    }

    /**
     * Looks at a step that listened.
     *
     * @throws MissingFeature if what was heard came from a sync daemon
     */
    static void checkCollected(List<Recording.Seen> seen, Admin admin) {
        if (!seen.isEmpty() && admin.daemons().stream().anyMatch(SyncDaemon::master)) {
            throw new MissingFeature("sync daemon");
        }
    }

    private static boolean takesSctp(Moment moment, ServiceListing service) {
        return moment.isFor(service)
                && (service.spec().key().isMark() || protocol(service) == Protocol.SCTP);
    }

    /** Other SCTP packets find no association and are the host's. */
    private static boolean beginsAssociation(Moment moment) {
        PacketView packet = moment.packet();
        SortedMap<String, String> settings = moment.admin().settings();
        if (packet.protocol() != Protocol.SCTP) {
            return moment.about(Protocol.SCTP) && !"0".equals(settings.get("schedule_icmp"));
        }
        boolean init = packet.payloadLength() > SCTP_HEADER && packet.t8(SCTP_HEADER) == SCTP_INIT;
        return init || !"0".equals(settings.get("sloppy_sctp"));
    }

    private static int protocol(ServiceListing service) {
        return service.spec().key().protocol();
    }

    private static boolean hasOtherTunnel(ServiceListing service) {
        return service.destinations().stream()
                .map(destination -> destination.spec())
                .anyMatch(spec ->
                        spec.method() == ForwardingMethod.TUNNEL
                                && spec.tunnel().type() != Tunnel.Type.IPIP);
    }

    private static boolean hasNat(ServiceListing service) {
        return service.destinations().stream()
                .anyMatch(destination -> destination.spec().method() == ForwardingMethod.NAT);
    }

    private static boolean isMulticast(PacketView packet) {
        int first = packet.destination().toBytes()[0] & 0xff;
        return packet.ipv6() ? first == 0xff : first >= 224 && first < 240;
    }
}
