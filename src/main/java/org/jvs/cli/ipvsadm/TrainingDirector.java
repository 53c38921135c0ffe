package org.jvs.cli.ipvsadm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.jvs.control.ControlServer;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.Command;
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
import org.jvs.core.net.Protocol;

/**
 * A director of one service for {@link Training}, in a process of its own: the start-up cache is to
 * hold what ipvsadm uses and nothing else, because all it holds is loaded at once.
 */
public final class TrainingDirector implements Admin {
    private static final ServiceSpec SERVICE =
            new ServiceSpec(
                    ServiceKey.virtual(Protocol.TCP, Address.parse("10.0.0.1"), 80),
                    "wlc",
                    0,
                    0,
                    -1,
                    "");

    private TrainingDirector() {}

    /** Serves at the given path until standard input ends. */
    public static void main(String[] args) throws IOException {
        try (ControlServer server = ControlServer.open(Path.of(args[0]), new TrainingDirector())) {
            System.out.println("ready " + server.path());
            while (System.in.read() >= 0) {
                // until the build closes it
            }
        }
    }

    private static ServiceListing listing() {
        DestinationSpec spec =
                new DestinationSpec(
                        Address.parse("10.0.0.2"),
                        80,
                        ForwardingMethod.NAT,
                        1,
                        0,
                        0,
                        DestinationSpec.Tunnel.IPIP);
        DestinationListing destination = new DestinationListing(spec, 0, 0, 0, Stats.ZERO);
        return new ServiceListing(SERVICE, Stats.ZERO, List.of(destination, destination));
    }

    @Override
    public List<Outcome> apply(List<Command> commands) {
        return Collections.nCopies(commands.size(), Outcome.OK);
    }

    @Override
    public List<ServiceListing> services() {
        return List.of(listing(), listing());
    }

    @Override
    public @Nullable ServiceListing service(ServiceKey key) {
        return listing();
    }

    @Override
    public Stats totals() {
        return Stats.ZERO;
    }

    @Override
    public void connections(Consumer<ConnectionListing> consumer) {
        Address address = SERVICE.key().address();
        consumer.accept(
                new ConnectionListing(
                        Protocol.TCP,
                        address,
                        1,
                        address,
                        2,
                        address,
                        3,
                        "ESTABLISHED",
                        900_000,
                        "",
                        ""));
    }

    @Override
    public Timeouts timeouts() {
        return Timeouts.DEFAULT;
    }

    @Override
    public List<SyncDaemon> daemons() {
        return List.of();
    }

    @Override
    public SortedMap<String, String> settings() {
        return new TreeMap<>();
    }

    @Override
    public int tableSize() {
        return 4096;
    }
}
