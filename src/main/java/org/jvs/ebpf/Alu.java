package org.jvs.ebpf;

/// Arithmetic (RFC 9669 section 4.1, the "code" bits). In 64 bits an immediate is sign-extended; in
/// 32 bits the upper half of the result is zero. Division by zero gives zero, modulo by zero leaves
/// the destination.
public enum Alu {
    ADD(0x00, "+="),
    SUB(0x10, "-="),
    MUL(0x20, "*="),
    DIV(0x30, "/="),
    OR(0x40, "|="),
    AND(0x50, "&="),
    LSH(0x60, "<<="),
    RSH(0x70, ">>="),
    MOD(0x90, "%="),
    XOR(0xa0, "^="),
    MOV(0xb0, "="),
    ARSH(0xc0, "s>>=");

    private final int code;
    private final String symbol;

    Alu(int code, String symbol) {
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
