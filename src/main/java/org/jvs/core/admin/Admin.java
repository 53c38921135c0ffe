package org.jvs.core.admin;

import java.util.List;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The administrator's side of a director. The director itself implements it, and so does the client
 * of its control socket; {@code ipvsadm} does not know which of the two it speaks to.
 */
public interface Admin {
    /**
     * Carries out the commands in order; one outcome each, in order. A refusal does not stop the
     * rest.
     */
    List<Outcome> apply(List<Command> commands);

    /** All services, in no particular order, each with its destinations, newest first. */
    List<ServiceListing> services();

    /** One service, or null where there is none of that name. */
    @Nullable ServiceListing service(ServiceKey key);

    /** The counters of the whole director. */
    Stats totals();

    /**
     * Hands over every live connection entry, in no particular order; bounded memory whatever their
     * number.
     */
    void connections(Consumer<ConnectionListing> consumer);

    /** The present timeouts of {@code ipvsadm --set}. */
    Timeouts timeouts();

    /** The sync daemons configured to run, master before backup. */
    List<SyncDaemon> daemons();

    /**
     * The settings under their kernel names ({@code conn_reuse_mode} ...) with their values as the
     * kernel's files print them.
     */
    SortedMap<String, String> settings();

    /**
     * What {@code IP Virtual Server version 1.2.1 (size=4096)} reports as the size of the
     * connection table.
     */
    int tableSize();

    /** Interfaces, table and reasons of drops; unknown where nothing forwards. */
    default DirectorStatus status() {
        return DirectorStatus.UNKNOWN;
    }
}
