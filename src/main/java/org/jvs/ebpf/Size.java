package org.jvs.ebpf;

/// Width of a load, store or atomic operation (RFC 9669 section 5.1, the "size" bits of the
/// opcode).
public enum Size {
    BYTE(0x10, 8),
    HALF(0x08, 16),
    WORD(0x00, 32),
    DOUBLE(0x18, 64);

    private final int code;
    private final int bits;

    Size(int code, int bits) {
        this.code = code;
        this.bits = bits;
    }

    int code() {
        return code;
    }

    public int bits() {
        return bits;
    }

    /// The size of so many bytes.
    static Size ofBytes(int bytes) {
        return switch (bytes) {
            case 1 -> BYTE;
            case 2 -> HALF;
            case 4 -> WORD;
            case 8 -> DOUBLE;
            default ->
                    throw new IllegalArgumentException(
                            bytes + " bytes at a time; 1, 2, 4 or 8 is what there is");
        };
    }

    /// The widest access at an offset that it divides, within so many bytes.
    static Size widest(int offset, int room) {
        int bytes = 8;
        while (offset % bytes != 0 || bytes > room) {
            bytes /= 2;
        }
        return ofBytes(bytes);
    }

    static Size ofOpcode(int opcode) {
        return switch (opcode & 0x18) {
            case 0x10 -> BYTE;
            case 0x08 -> HALF;
            case 0x00 -> WORD;
            default -> DOUBLE;
        };
    }
}
