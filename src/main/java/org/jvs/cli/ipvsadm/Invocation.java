package org.jvs.cli.ipvsadm;

import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.admin.SyncDaemon;
import org.jvs.core.admin.Timeouts;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;

/** What one command line says. The fields have ipvsadm's defaults until an option sets them. */
final class Invocation {
    static final String DEFAULT_SCHEDULER = "wlc";

    int command = Option.NONE;

    /** A bit for each option given, by its number in {@link Option}. */
    long given;

    /** Family of the service; null until an address or mark has been given. */
    @Nullable Family family;

    int protocol;
    Address address = Address.any(Family.IPV4);
    int port;
    int mark;
    String scheduler = "";
    int flags;
    int timeoutSeconds;
    int netmask = -1;
    String persistenceEngine = "";

    @Nullable Address serverAddress;
    int serverPort;
    ForwardingMethod method = ForwardingMethod.DIRECT;
    int weight = 1;
    int upperThreshold;
    int lowerThreshold;
    DestinationSpec.Tunnel.Type tunnelType = DestinationSpec.Tunnel.Type.IPIP;
    int tunnelPort;
    int tunnelFlags;

    boolean master;
    String multicastInterface = "";
    int syncId;
    int syncMaxLength;
    @Nullable Address multicastGroup;
    int multicastPort;
    int multicastTtl;

    Timeouts timeouts = new Timeouts(0, 0, 0);

    boolean has(int option) {
        return (given & 1L << option) != 0;
    }

    ServiceKey key() {
        Family known = family == null ? Family.IPV4 : family;
        if (mark != 0) {
            return ServiceKey.ofMark(known, mark);
        }
        return new ServiceKey(known, protocol, address, port, 0);
    }

    private ServiceSpec service() {
        return new ServiceSpec(key(), scheduler, flags, timeoutSeconds, netmask, persistenceEngine);
    }

    private DestinationSpec destination() {
        Address server = serverAddress == null ? Address.any(Family.IPV4) : serverAddress;
        return new DestinationSpec(
                server,
                serverPort,
                method,
                weight,
                upperThreshold,
                lowerThreshold,
                new DestinationSpec.Tunnel(tunnelType, tunnelPort, tunnelFlags));
    }

    private SyncDaemon daemon() {
        return new SyncDaemon(
                master,
                multicastInterface,
                syncId,
                syncMaxLength,
                multicastGroup,
                multicastPort,
                multicastTtl);
    }

    /** The change asked for, or null for commands that list, save or restore. */
    @Nullable Command change() {
        return switch (command) {
            case Option.ADD -> new Command.AddService(service());
            case Option.EDIT -> new Command.EditService(service());
            case Option.DELETE -> new Command.DeleteService(key());
            case Option.FLUSH -> new Command.Flush();
            case Option.ADD_SERVER -> new Command.AddDestination(key(), destination());
            case Option.EDIT_SERVER -> new Command.EditDestination(key(), destination());
            case Option.DELETE_SERVER -> new Command.DeleteDestination(key(), destination());
            case Option.SET -> new Command.SetTimeouts(timeouts);
            case Option.START_DAEMON -> new Command.StartDaemon(daemon());
            case Option.STOP_DAEMON -> new Command.StopDaemon(daemon());
            case Option.ZERO -> new Command.Zero(family == null ? null : key());
            default -> null;
        };
    }

    boolean isOnePacket() {
        return (flags & ServiceSpec.ONE_PACKET) != 0;
    }

    boolean isPersistent() {
        return (flags & ServiceSpec.PERSISTENT) != 0;
    }

    boolean isUdp() {
        return protocol == Protocol.UDP;
    }
}
