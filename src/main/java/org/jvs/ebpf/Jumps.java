package org.jvs.ebpf;

/// Turns a [Check] into jumps: to a label if it holds, or if it does not, and past them otherwise.
final class Jumps {
    private final Code code;

    Jumps(Code code) {
        this.code = code;
    }

    void ifTrue(Check check, Label target) {
        switch (check) {
            case Check.Compare(var left, var condition, var right) ->
                    compare(left, condition, right, target);
            case Check.CompareVars(var left, var condition, var right) ->
                    compare(left, condition, right, target);
            case Check.Both(var first, var second) -> {
                Label past = new Label("");
                ifFalse(first, past);
                ifTrue(second, target);
                code.bind(past);
            }
            case Check.Either(var first, var second) -> {
                ifTrue(first, target);
                ifTrue(second, target);
            }
            case Check.Not(var opposite) -> ifFalse(opposite, target);
        }
    }

    void ifFalse(Check check, Label target) {
        switch (check) {
            case Check.Compare(var left, var condition, var right) -> {
                Condition inverse = condition.inverse();
                if (inverse != null) {
                    compare(left, inverse, right, target);
                } else {
                    around(check, target);
                }
            }
            case Check.CompareVars(var left, var condition, var right) -> {
                Condition inverse = condition.inverse();
                if (inverse != null) {
                    compare(left, inverse, right, target);
                } else {
                    around(check, target);
                }
            }
            case Check.Both(var first, var second) -> {
                ifFalse(first, target);
                ifFalse(second, target);
            }
            case Check.Either(var first, var second) -> {
                Label past = new Label("");
                ifTrue(first, past);
                ifFalse(second, target);
                code.bind(past);
            }
            case Check.Not(var opposite) -> ifTrue(opposite, target);
        }
    }

    /// There is no jump for "none of these bits".
    private void around(Check check, Label target) {
        Label past = new Label("");
        ifTrue(check, past);
        code.jump(target);
        code.bind(past);
    }

    private void compare(Var left, Condition condition, long right, Label target) {
        Content content = left.read();
        if (content.network() && !condition.isBitwise()) {
            throw new IllegalStateException(
                    "'%s' is in network byte order, in which there is no '%s'; use toHost"
                            .formatted(left.name(), condition.symbol()));
        }
        long value = left.raw(content, right);
        boolean fits = value == (int) value;
        // the upper half is zero, so that comparing the lower one does as well
        boolean half =
                left.isLow()
                        || !fits
                                && value >>> 32 == 0
                                && content.bits() <= 32
                                && !condition.isSigned();
        if (!fits && !half) {
            throw new IllegalArgumentException(
                    "0x%x is too large to be compared with '%s'; use low(), or a variable"
                            .formatted(right, left.name()));
        }
        String swapped =
                content.network() ? " " + condition.symbol() + " 0x" + Long.toHexString(right) : "";
        Assembler to = code.emit().remark(left.name() + swapped);
        if (half) {
            to.jumpIf32(condition, left.register(), (int) value, target);
        } else {
            to.jumpIf(condition, left.register(), (int) value, target);
        }
        code.arrive(target);
    }

    private void compare(Var left, Condition condition, Var right, Label target) {
        Content one = left.read();
        Content other = right.read();
        if (one.network() != other.network() || one.network() && !condition.isBitwise()) {
            throw new IllegalStateException(
                    "'%s' and '%s' cannot be compared by '%s' in their byte orders; use toHost"
                            .formatted(left.name(), right.name(), condition.symbol()));
        }
        Assembler to = code.emit().remark(left.name() + ", " + right.name());
        if (left.isLow()) {
            to.jumpIf32(condition, left.register(), right.register(), target);
        } else {
            to.jumpIf(condition, left.register(), right.register(), target);
        }
        code.arrive(target);
    }
}
