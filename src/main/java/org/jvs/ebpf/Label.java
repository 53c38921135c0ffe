package org.jvs.ebpf;

/// A place in a program that jumps name before or after [Assembler#bind] puts it there. The name is
/// for the listing; two labels may share it.
public final class Label {
    static final int UNBOUND = -1;

    private final String name;
    private int position = UNBOUND;

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

    @Override
    public String toString() {
        return name;
    }
}
