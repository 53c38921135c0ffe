package org.jvs.core.sched;

import java.util.random.RandomGenerator;

/** What schedulers read from outside their service. Read live, at each use. */
public interface SchedulerSettings {
    /** Sysctl {@code lblc_expiration} in milliseconds: idle cache entries older than this go. */
    long lblcExpirationMs();

    /**
     * Sysctl {@code lblcr_expiration} in milliseconds: the age at which idle cache entries go, and
     * at which an unchanged set of destinations shrinks by one.
     */
    long lblcrExpirationMs();

    /** The dice of twos. Used on the packet path only, so it need not be thread-safe. */
    RandomGenerator random();
}
