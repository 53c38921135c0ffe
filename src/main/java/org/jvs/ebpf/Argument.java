package org.jvs.ebpf;

/// What a call can be given: a variable, the address of a place, a map, a constant.
public sealed interface Argument permits Place, MapRef, Argument.Constant {
    /// A number, sign-extended to 64 bits.
    record Constant(int value) implements Argument {}

    /// A number, sign-extended to 64 bits.
    static Argument of(int value) {
        return new Constant(value);
    }
}
