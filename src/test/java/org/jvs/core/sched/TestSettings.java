package org.jvs.core.sched;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** The kernel's defaults, changeable. */
final class TestSettings implements SchedulerSettings {
    long expirationMs = 86_400_000;
    private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(42);

    @Override
    public long lblcExpirationMs() {
        return expirationMs;
    }

    @Override
    public long lblcrExpirationMs() {
        return expirationMs;
    }

    @Override
    public RandomGenerator random() {
        return random;
    }
}
