package org.jvs.cli;

import org.jvs.core.admin.Admin;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.DirectorStatus;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.admin.Stats;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A director as one JSON object. Names stay; new ones may be added. */
final class StatusJson {
    private static final JsonMapper MAPPER = new JsonMapper();

    private StatusJson() {}

    static String of(Admin admin) {
        DirectorStatus status = admin.status();
        ObjectNode root = MAPPER.createObjectNode();
        root.put("version", Version.JVS);
        root.put("pid", status.processId());
        root.put("uptimeSeconds", status.uptimeSeconds());
        ObjectNode connections = root.putObject("connections");
        connections.put("entries", status.connections());
        connections.put("capacity", status.capacity());
        put(root.putObject("totals"), admin.totals());
        ArrayNode interfaces = root.putArray("interfaces");
        for (DirectorStatus.Interface each : status.interfaces()) {
            ObjectNode node = interfaces.addObject();
            node.put("name", each.name());
            node.put("mode", each.mode());
            node.put("received", each.received());
            node.put("sent", each.sent());
            node.put("dropped", each.dropped());
            node.put("advice", each.advice());
        }
        ArrayNode unreachable = root.putArray("unreachable");
        for (DirectorStatus.Unreachable each : status.unreachable()) {
            ObjectNode node = unreachable.addObject();
            node.put("address", each.address());
            node.put("reason", each.reason());
        }
        ArrayNode services = root.putArray("services");
        admin.services().forEach(service -> put(services.addObject(), service));
        ArrayNode reasons = root.putArray("reasons");
        for (DirectorStatus.ReasonCount each : status.reasons()) {
            ObjectNode node = reasons.addObject();
            node.put("verdict", each.verdict());
            node.put("reason", each.reason());
            node.put("text", each.text());
            node.put("packets", each.packets());
        }
        return root.toPrettyString();
    }

    private static void put(ObjectNode node, ServiceListing service) {
        ServiceSpec spec = service.spec();
        node.put("service", spec.key().toString());
        node.put("scheduler", spec.scheduler());
        node.put("flags", spec.flags());
        node.put("persistenceSeconds", spec.timeoutSeconds());
        put(node.putObject("stats"), service.stats());
        ArrayNode destinations = node.putArray("destinations");
        for (DestinationListing listing : service.destinations()) {
            DestinationSpec destination = listing.spec();
            ObjectNode child = destinations.addObject();
            child.put("address", destination.address().toString());
            child.put("port", destination.port());
            child.put("method", destination.method().listed());
            child.put("weight", destination.weight());
            child.put("upperThreshold", destination.upperThreshold());
            child.put("lowerThreshold", destination.lowerThreshold());
            child.put("active", listing.active());
            child.put("inactive", listing.inactive());
            child.put("persistent", listing.persistent());
            put(child.putObject("stats"), listing.stats());
        }
    }

    private static void put(ObjectNode node, Stats stats) {
        node.put("connections", stats.connections());
        node.put("inPackets", stats.inPackets());
        node.put("outPackets", stats.outPackets());
        node.put("inBytes", stats.inBytes());
        node.put("outBytes", stats.outBytes());
        node.put("connectionsPerSecond", stats.cps());
        node.put("inPacketsPerSecond", stats.inPps());
        node.put("outPacketsPerSecond", stats.outPps());
        node.put("inBytesPerSecond", stats.inBps());
        node.put("outBytesPerSecond", stats.outBps());
    }
}
