package org.jvs.ebpf;

/// A named piece of the stack: a key for a look-up, what has to survive a call. Its bytes are
/// undefined at first, and the verifier refuses to read or hand on what was never written.
public final class Area extends Place {
    private final Code code;
    private final Var frame;
    private final String name;
    private final int offset;
    private final int bytes;

    /// @param offset from the frame pointer, negative
    Area(Code code, Var frame, String name, int offset, int bytes) {
        this.code = code;
        this.frame = frame;
        this.name = name;
        this.offset = offset;
        this.bytes = bytes;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    Code code() {
        return code;
    }

    @Override
    Var base() {
        return frame;
    }

    @Override
    int displacement() {
        return offset;
    }

    @Override
    void check(Field field) {
        if (field.offset() < 0 || field.end() > bytes) {
            throw new IllegalArgumentException(
                    "field '%s' at %d..%d is outside the %d bytes of '%s'"
                            .formatted(field.name(), field.offset(), field.end(), bytes, name));
        }
    }
}
