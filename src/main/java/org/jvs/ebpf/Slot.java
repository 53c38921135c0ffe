package org.jvs.ebpf;

/// A named number on the stack, for what has to survive calls when R6 to R9 are taken.
///
/// @param area where it lies
/// @param field all of the area
public record Slot(Area area, Field field) {
    /// Keeps a variable here.
    public void store(Var value) {
        area.store(field, value);
    }

    /// Keeps a number here.
    public void store(long value) {
        area.store(field, value);
    }
}
