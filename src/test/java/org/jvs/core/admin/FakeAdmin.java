package org.jvs.core.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An administrator's view that holds what a test puts into it, and notes the commands it gets. */
public final class FakeAdmin implements Admin {
    public final List<ServiceListing> services = new ArrayList<>();
    public final List<ConnectionListing> connections = new ArrayList<>();
    public final SortedMap<String, String> settings = new TreeMap<>();
    public final List<Command> commands = new ArrayList<>();
    public Outcome answer = Outcome.OK;
    public Stats totals = Stats.ZERO;
    public DirectorStatus status = DirectorStatus.UNKNOWN;

    @Override
    public List<Outcome> apply(List<Command> batch) {
        commands.addAll(batch);
        return batch.stream().map(_ -> answer).toList();
    }

    @Override
    public List<ServiceListing> services() {
        return services;
    }

    @Override
    public @Nullable ServiceListing service(ServiceKey key) {
        for (ServiceListing service : services) {
            if (service.spec().key().equals(key)) {
                return service;
            }
        }
        return null;
    }

    @Override
    public Stats totals() {
        return totals;
    }

    @Override
    public void connections(Consumer<ConnectionListing> consumer) {
        connections.forEach(consumer);
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
        return settings;
    }

    @Override
    public int tableSize() {
        return 4096;
    }

    @Override
    public DirectorStatus status() {
        return status;
    }
}
