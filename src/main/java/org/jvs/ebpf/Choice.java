package org.jvs.ebpf;

/// Compares a variable with one number after the other, in the order given: put the frequent ones
/// first.
///
/// ```
/// code.choose(protocol)
///         .is(Protocol.TCP, tcp)
///         .is(Protocol.UDP, () -> ...)
///         .otherwise(pass);
/// ```
///
/// A body that does not leave goes on behind the whole choice. The variable has to stay in its
/// register on the ways to the next comparison, which do not lead through the bodies.
public final class Choice {
    private final Code code;
    private final Var variable;
    private final Label past = new Label("");

    Choice(Code code, Var variable) {
        this.code = code;
        this.variable = variable;
    }

    /// Goes on at a label if it is that number.
    public Choice is(long value, Label target) {
        code.when(variable.eq(value), target);
        return this;
    }

    /// Does something if it is that number.
    public Choice is(long value, Runnable body) {
        Label next = new Label("");
        code.when(variable.ne(value), next);
        body.run();
        if (code.isReachable()) {
            code.jump(past);
        }
        code.bind(next);
        return this;
    }

    /// Goes on at a label if it is none of them.
    public void otherwise(Label target) {
        code.jump(target);
        code.bind(past);
    }

    /// Does something if it is none of them.
    public void otherwise(Runnable body) {
        body.run();
        code.bind(past);
    }
}
