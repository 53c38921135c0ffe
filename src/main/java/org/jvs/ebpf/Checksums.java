package org.jvs.ebpf;

/// Internet checksums follow what is replaced in a packet (RFC 1624, equation 3: HC' = ~(~HC + ~m +
/// m')). Sums are 64 bits wide and of values as they lie in memory, whose order does not matter
/// (RFC 1071 section 2); they are folded once, at the end.
///
/// ```
/// Checksums.begin(sum, ip, Ipv4.CHECKSUM);
/// Checksums.replace(sum, before.raw(), after.raw());
/// Checksums.end(sum, ip, Ipv4.CHECKSUM, scratch);
/// ```
///
/// Where the difference is known beforehand, [Var#add(Var)] it instead of [#replace].
public final class Checksums {
    private Checksums() {}

    /// Loads a checksum to add differences to.
    public static void begin(Var sum, Place header, Field checksum) {
        sum.load(header, checksum).raw().xor(0xffff);
    }

    /// Accounts for a value of up to 32 bits that became another one.
    ///
    /// @param before what was there, in the order of memory; is changed
    /// @param after what is there now, in the order of memory
    public static void replace(Var sum, Var before, Var after) {
        sum.add(before.low().xor(0xffffffffL)).add(after);
    }

    /// Folds a sum below 2^48 to 16 bits.
    public static void fold(Var sum, Var scratch) {
        for (int i = 0; i < 3; i++) {
            scratch.set(sum).shiftRight(16);
            sum.and(0xffff).add(scratch);
        }
    }

    /// Stores a checksum. UDP, in which zero means that there is none, needs more care at both
    /// ends.
    ///
    /// @param scratch any free register's variable
    public static void end(Var sum, Place header, Field checksum, Var scratch) {
        fold(sum, scratch);
        header.store(checksum, sum.xor(0xffff).asNetwork(16));
    }
}
