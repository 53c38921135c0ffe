package org.jvs.core.admin;

/**
 * The three timeouts of {@code ipvsadm --set}, in seconds. In a command 0 keeps the present value.
 */
public record Timeouts(int tcp, int tcpFin, int udp) {
    public static final Timeouts DEFAULT = new Timeouts(900, 120, 300);
}
