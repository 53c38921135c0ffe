package org.jvs.core.admin;

import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;

/**
 * A sync daemon as configured by {@code ipvsadm --start-daemon}. Zero and null mean "the default".
 *
 * @param master whether it sends; a backup receives
 * @param multicastGroup IPv4 or IPv6, null for 224.0.0.81
 */
public record SyncDaemon(
        boolean master,
        String multicastInterface,
        int syncId,
        int maxLength,
        @Nullable Address multicastGroup,
        int multicastPort,
        int multicastTtl) {}
