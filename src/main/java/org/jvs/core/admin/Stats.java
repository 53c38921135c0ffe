package org.jvs.core.admin;

/**
 * Counters and rates as {@code ipvsadm --stats} and {@code --rate} show them. Bytes count from the
 * IP header on.
 *
 * @param cps new connections per second; pps are packets and bps bytes per second
 */
public record Stats(
        long connections,
        long inPackets,
        long outPackets,
        long inBytes,
        long outBytes,
        long cps,
        long inPps,
        long outPps,
        long inBps,
        long outBps) {
    public static final Stats ZERO = new Stats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
