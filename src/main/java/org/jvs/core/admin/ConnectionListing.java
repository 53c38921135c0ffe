package org.jvs.core.admin;

import org.jvs.core.net.Address;

/**
 * One entry of the connection table as {@code ipvsadm -Lc} and {@code /proc/net/ip_vs_conn} show
 * it.
 *
 * @param state the kernel's word, for example {@code SYN_RECV}, {@code UDP}, {@code NONE}, {@code
 *     ASSURED}
 * @param expiresMs time to live in milliseconds, not negative
 * @param persistenceEngine and data: empty unless the entry is a template of one
 */
public record ConnectionListing(
        int protocol,
        Address client,
        int clientPort,
        Address virtual,
        int virtualPort,
        Address destination,
        int destinationPort,
        String state,
        long expiresMs,
        String persistenceEngine,
        String persistenceData) {}
