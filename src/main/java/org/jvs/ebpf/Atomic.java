package org.jvs.ebpf;

/// Atomic operations on memory (RFC 9669 section 5.3, the immediate). Those with FETCH, and
/// exchanges, also hand back what was there; they need Linux 5.12.
public enum Atomic {
    ADD(0x00),
    OR(0x40),
    AND(0x50),
    XOR(0xa0),
    FETCH_ADD(0x01),
    FETCH_OR(0x41),
    FETCH_AND(0x51),
    FETCH_XOR(0xa1),
    /// Swaps memory and source register.
    EXCHANGE(0xe1),
    /// Stores the source register if memory equals R0; R0 gets what was there.
    COMPARE_EXCHANGE(0xf1);

    private final int code;

    Atomic(int code) {
        this.code = code;
    }

    /// Whether a register gets what memory held before.
    boolean fetches() {
        return (code & 1) != 0;
    }

    int code() {
        return code;
    }
}
