package org.jvs.linux;

import org.jspecify.annotations.Nullable;

/// What a link to be made shall be like.
///
/// @param namespace where it shall be, null for the requester's own
/// @param mac null for one of the kernel's choice
/// @param mtu in bytes, 0 for the kernel's default
/// @param queues receive and transmit queues, 0 for the kernel's default
public record LinkSpec(
        String name,
        @Nullable NetworkNamespace namespace,
        @Nullable MacAddress mac,
        int mtu,
        int queues) {
    /// Rejects names the kernel would refuse.
    public LinkSpec {
        Links.checkName(name);
    }

    public static LinkSpec named(String name) {
        return new LinkSpec(name, null, null, 0, 0);
    }

    public LinkSpec in(NetworkNamespace where) {
        return new LinkSpec(name, where, mac, mtu, queues);
    }

    public LinkSpec withMac(MacAddress address) {
        return new LinkSpec(name, namespace, address, mtu, queues);
    }

    public LinkSpec withMtu(int bytes) {
        return new LinkSpec(name, namespace, mac, bytes, queues);
    }

    public LinkSpec withQueues(int count) {
        return new LinkSpec(name, namespace, mac, mtu, count);
    }
}
