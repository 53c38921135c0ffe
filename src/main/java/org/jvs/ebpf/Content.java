package org.jvs.ebpf;

/// What is known of a register while the program is built.
///
/// @param variable whose value it holds
/// @param network the value is in network byte order
/// @param bits all above is zero
record Content(Var variable, boolean network, int bits) {
    /// What is known where two ways meet, both of which bring the same variable in the same order.
    Content or(Content other) {
        return bits >= other.bits ? this : other;
    }

    boolean sameAs(Content other) {
        return variable == other.variable && network == other.network;
    }

    /// The low bits in reversed byte order.
    static long swap(long value, int bits) {
        return switch (bits) {
            case 16 -> Short.toUnsignedLong(Short.reverseBytes((short) value));
            case 32 -> Integer.toUnsignedLong(Integer.reverseBytes((int) value));
            case 64 -> Long.reverseBytes(value);
            default -> value;
        };
    }
}
