package org.jvs.ebpf;

import org.jspecify.annotations.Nullable;

/// A place in a program that jumps name before [Code#block] or [Assembler#bind] puts it there. The
/// name is for the listing; two labels may share it, and one without name is listed by its
/// position.
public final class Label {
    static final int UNBOUND = -1;

    private final String name;
    private int position = UNBOUND;

    private boolean skipped;

    /// What all jumps to here have in common; null before the first one of [Code].
    private @Nullable Registers state;

    /// A label not yet bound.
    public Label(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    int position() {
        return position;
    }

    void bindTo(int index) {
        if (position != UNBOUND) {
            throw new IllegalStateException("label " + name + " is bound twice");
        }
        position = index;
    }

    /// [Code] jumps here with these registers.
    void arrive(Registers registers) {
        if (position != UNBOUND || skipped) {
            throw new IllegalStateException(
                    "label " + this + " lies behind; the way back is a loop");
        }
        if (state == null) {
            state = registers.copy();
        } else {
            state.meet(registers, toString());
        }
    }

    /// No jump went here when its place came; none may follow.
    void skip() {
        skipped = true;
    }

    @Nullable Registers state() {
        return state;
    }

    @Override
    public String toString() {
        return !name.isEmpty() ? name : position == UNBOUND ? "a block's end" : "L" + position;
    }
}
