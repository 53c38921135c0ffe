package org.jvs.ebpf;

import org.jspecify.annotations.Nullable;

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

    /// The condition that holds when this one does not; none for [#SET].
    @Nullable Condition inverse() {
        return switch (this) {
            case EQ -> NE;
            case NE -> EQ;
            case GT -> LE;
            case LE -> GT;
            case GE -> LT;
            case LT -> GE;
            case SGT -> SLE;
            case SLE -> SGT;
            case SGE -> SLT;
            case SLT -> SGE;
            case SET -> null;
        };
    }

    /// Whether it means the same in either byte order.
    boolean isBitwise() {
        return this == EQ || this == NE || this == SET;
    }

    /// Whether the highest bit is a sign.
    boolean isSigned() {
        return this == SGT || this == SGE || this == SLT || this == SLE;
    }

    int code() {
        return code;
    }

    String symbol() {
        return symbol;
    }
}
