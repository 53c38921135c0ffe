package org.jvs.ebpf;

import java.util.List;

/// The registers of eBPF (RFC 9669 section 2.1): R0 holds results, R1 to R5 arguments, which a call
/// destroys, R6 to R9 survive calls, R10 is the read-only frame pointer of a 512-byte stack below
/// it.
public enum Register {
    R0(0),
    R1(1),
    R2(2),
    R3(3),
    R4(4),
    R5(5),
    R6(6),
    R7(7),
    R8(8),
    R9(9),
    R10(10);

    /// Those that a call destroys.
    static final List<Register> SCRATCH = List.of(R0, R1, R2, R3, R4, R5);

    /// Those that carry the arguments of a call, in order.
    static final List<Register> ARGUMENTS = List.of(R1, R2, R3, R4, R5);

    private final int number;

    Register(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
