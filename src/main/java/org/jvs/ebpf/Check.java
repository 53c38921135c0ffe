package org.jvs.ebpf;

/// A question about variables, which [Code#when] and its kin turn into jumps. Made by the methods
/// of [Var]; combined by [#and], [#or] and [#not].
public sealed interface Check {
    /// A variable against a number.
    record Compare(Var left, Condition condition, long right) implements Check {}

    /// A variable against another one.
    record CompareVars(Var left, Condition condition, Var right) implements Check {}

    /// Both; the second is asked only if the first holds.
    record Both(Check first, Check second) implements Check {}

    /// At least one; the second is asked only if the first does not hold.
    record Either(Check first, Check second) implements Check {}

    /// The opposite.
    record Not(Check check) implements Check {}

    /// Both; the second is asked only if this one holds.
    default Check and(Check second) {
        return new Both(this, second);
    }

    /// At least one; the second is asked only if this one does not hold.
    default Check or(Check second) {
        return new Either(this, second);
    }

    /// The opposite.
    default Check not() {
        return this instanceof Not(var check) ? check : new Not(this);
    }
}
