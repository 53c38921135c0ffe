package org.jvs.linux;

/// What a [NetlinkMonitor] reports. `removed` tells an end from a beginning or a change.
public sealed interface NetworkChange {
    /// An interface came, changed or went.
    record OfLink(Link link, boolean removed) implements NetworkChange {}

    /// An address was added or removed.
    record OfAddress(InterfaceAddress address, boolean removed) implements NetworkChange {}

    /// A route was added or removed.
    record OfRoute(Route route, boolean removed) implements NetworkChange {}

    /// A neighbour was learned, changed state, or was forgotten.
    record OfNeighbour(Neighbour neighbour, boolean removed) implements NetworkChange {}

    /// Reports were lost because they came faster than they were read: whatever was derived from
    /// them must be read anew from the kernel.
    record Overrun() implements NetworkChange {}
}
