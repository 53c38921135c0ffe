package org.jvs.ebpf;

/// A map that a program uses, by its name. Which map that is is said when the program's code is
/// asked for ([Program#code(java.util.function.ToIntFunction)]), so that a program can be written,
/// listed and tested before its maps exist.
public record MapRef(String name) implements Argument {
    @Override
    public String toString() {
        return name;
    }
}
