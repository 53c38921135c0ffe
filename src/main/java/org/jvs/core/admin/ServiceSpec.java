package org.jvs.core.admin;

/**
 * A virtual service as an administrator states it.
 *
 * @param scheduler its name, for example {@code wlc}
 * @param flags a union of the constants below; their values are those of the kernel's {@code
 *     IP_VS_SVC_F_*}
 * @param timeoutSeconds persistence timeout, 0 where the service is not persistent
 * @param netmask persistence granularity: for IPv4 the mask's 32 bits, for IPv6 a prefix length
 *     1..128
 * @param persistenceEngine empty or the name of one, for example {@code sip}
 */
public record ServiceSpec(
        ServiceKey key,
        String scheduler,
        int flags,
        int timeoutSeconds,
        int netmask,
        String persistenceEngine) {
    public static final int PERSISTENT = 0x1;
    public static final int HASHED = 0x2;
    public static final int ONE_PACKET = 0x4;

    /** sh-fallback or mh-fallback, depending on the scheduler. */
    public static final int SCHED1 = 0x8;

    /** sh-port or mh-port, depending on the scheduler. */
    public static final int SCHED2 = 0x10;

    public static final int SCHED3 = 0x20;

    /** Whether all of the given flags are set. */
    public boolean has(int wanted) {
        return (flags & wanted) == wanted;
    }
}
