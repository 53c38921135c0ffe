package org.jvs.core.admin;

import org.jspecify.annotations.Nullable;

/**
 * A change an administrator asks for. Each gets one {@link Outcome}; a refused one changes nothing.
 */
public sealed interface Command {
    record AddService(ServiceSpec service) implements Command {}

    record EditService(ServiceSpec service) implements Command {}

    record DeleteService(ServiceKey service) implements Command {}

    record AddDestination(ServiceKey service, DestinationSpec destination) implements Command {}

    record EditDestination(ServiceKey service, DestinationSpec destination) implements Command {}

    /** Only address and port of the destination count. */
    record DeleteDestination(ServiceKey service, DestinationSpec destination) implements Command {}

    /** Removes all services; connections stay until they expire, as in the kernel. */
    record Flush() implements Command {}

    /**
     * Zeroes counters and rates of one service and its destinations, or with null of everything.
     */
    record Zero(@Nullable ServiceKey service) implements Command {}

    record SetTimeouts(Timeouts timeouts) implements Command {}

    record StartDaemon(SyncDaemon daemon) implements Command {}

    /**
     * Stops the master or the backup daemon; the other parameters do not count, as in the kernel.
     */
    record StopDaemon(SyncDaemon daemon) implements Command {}

    /**
     * Sets one of the {@code /proc/sys/net/ipv4/vs} settings.
     *
     * @param value as one would write it to the kernel's file
     */
    record SetSetting(String name, String value) implements Command {}
}
