package org.jvs.ebpf;

/// Conditions of jumps (RFC 9669 section 4.3, the "code" bits). Without the S they compare
/// unsigned.
public enum Condition {
    EQ(0x10, "=="),
    GT(0x20, ">"),
    GE(0x30, ">="),
    /// Any of the bits is set.
    SET(0x40, "&"),
    NE(0x50, "!="),
    SGT(0x60, "s>"),
    SGE(0x70, "s>="),
    LT(0xa0, "<"),
    LE(0xb0, "<="),
    SLT(0xc0, "s<"),
    SLE(0xd0, "s<=");

    private final int code;
    private final String symbol;

    Condition(int code, String symbol) {
        this.code = code;
        this.symbol = symbol;
    }

    int code() {
        return code;
    }

    String symbol() {
        return symbol;
    }
}
