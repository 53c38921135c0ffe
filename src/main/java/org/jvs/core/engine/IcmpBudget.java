package org.jvs.core.engine;

/**
 * A token bucket over all ICMP errors that the director sends of its own, so that a flood is not
 * answered by a flood.
 */
final class IcmpBudget {
    private static final int BURST_MS = 50;

    private final int perSecond;
    private long milliTokens;
    private int lastMs;

    /**
     * @param perSecond 0 is "no limit"
     */
    IcmpBudget(int perSecond) {
        this.perSecond = perSecond;
        this.milliTokens = burst();
    }

    private long burst() {
        return Math.max(1000L, (long) perSecond * BURST_MS);
    }

    boolean take(int nowMs) {
        if (perSecond == 0) {
            return true;
        }
        long elapsed = nowMs - lastMs & 0xffffffffL;
        lastMs = nowMs;
        // one millisecond at n per second gives n thousandths of a token
        milliTokens = Math.min(burst(), milliTokens + Math.min(elapsed, 1000) * perSecond);
        if (milliTokens < 1000) {
            return false;
        }
        milliTokens -= 1000;
        return true;
    }
}
