package org.jvs.core.table;

/**
 * An entry as it was when it was found or put in. Another writer may move it, take its slot away or
 * give that to a stranger at any time after; what is in here belongs to one entry all the same, and
 * {@link ConnectionTable#isStill} tells whether that is still there. One thread's own, used again
 * for each packet.
 */
public final class Found {
    int slot = EntryMemory.NONE;
    long word;
    long ports;
    long clientHi;
    long clientLo;
    long virtualHi;
    long virtualLo;
    long expiresMs;
    boolean own;

    /** Where it was, or {@link EntryMemory#NONE}. */
    public int slot() {
        return slot;
    }

    /** Its {@link Control} word. */
    public long word() {
        return word;
    }

    /** Line of its destination. */
    public int destination() {
        return Control.destination(word);
    }

    public int protocol() {
        return (int) (ports >>> 24) & 0xff;
    }

    public int clientPort() {
        return (int) (ports >>> 48);
    }

    public int virtualPort() {
        return (int) (ports >>> 32) & 0xffff;
    }

    public int destinationPort() {
        return (int) ports & 0xffff;
    }

    /** After {@link ConnectionTable#read} only. */
    public long clientHi() {
        return clientHi;
    }

    /** After {@link ConnectionTable#read} only. */
    public long clientLo() {
        return clientLo;
    }

    /** After {@link ConnectionTable#findReply} and {@link ConnectionTable#read} only. */
    public long virtualHi() {
        return virtualHi;
    }

    /** After {@link ConnectionTable#findReply} and {@link ConnectionTable#read} only. */
    public long virtualLo() {
        return virtualLo;
    }

    /** Milliseconds until it expires; after {@link ConnectionTable#read} only. */
    public long expiresMs() {
        return expiresMs;
    }

    /**
     * After an insertion: whether it is the inserter's, and not one that another was faster with.
     */
    public boolean isOwn() {
        return own;
    }
}
