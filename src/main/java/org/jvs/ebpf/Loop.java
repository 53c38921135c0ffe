package org.jvs.ebpf;

/// The inside of a [Code#loop].
///
/// @param next where the next pass begins
/// @param done what follows the loop
public record Loop(Code code, Label next, Label done) {
    /// Goes on behind the loop.
    public void leave() {
        code.jump(done);
    }

    /// Goes on behind the loop if the answer is yes.
    public void leaveWhen(Check check) {
        code.when(check, done);
    }

    /// Goes on with the next pass if the answer is yes.
    public void nextWhen(Check check) {
        code.when(check, next);
    }
}
