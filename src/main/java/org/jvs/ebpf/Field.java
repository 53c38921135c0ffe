package org.jvs.ebpf;

/// A field of a structure in memory: where it is, how wide, and in which byte order. Structures are
/// written down as constants of this type, once, and every access names them:
///
/// ```
/// static final Field PROTOCOL = Field.u8("protocol", 9);
/// static final Field TOTAL_LENGTH = Field.be16("total length", 2);
/// ```
///
/// A field in network order is loaded as it lies, without a swap; the [Var] remembers that, and
/// constants it is compared with are swapped while the program is built.
///
/// @param name for the listing
/// @param offset bytes from the start of the structure
/// @param network whether it is in network byte order; else in the machine's
public record Field(String name, int offset, Size size, boolean network) {
    /// A byte.
    public static Field u8(String name, int offset) {
        return new Field(name, offset, Size.BYTE, false);
    }

    /// 16 bits in the machine's byte order.
    public static Field u16(String name, int offset) {
        return new Field(name, offset, Size.HALF, false);
    }

    /// 32 bits in the machine's byte order.
    public static Field u32(String name, int offset) {
        return new Field(name, offset, Size.WORD, false);
    }

    /// 64 bits in the machine's byte order.
    public static Field u64(String name, int offset) {
        return new Field(name, offset, Size.DOUBLE, false);
    }

    /// 16 bits in network byte order.
    public static Field be16(String name, int offset) {
        return new Field(name, offset, Size.HALF, true);
    }

    /// 32 bits in network byte order.
    public static Field be32(String name, int offset) {
        return new Field(name, offset, Size.WORD, true);
    }

    /// 64 bits in network byte order.
    public static Field be64(String name, int offset) {
        return new Field(name, offset, Size.DOUBLE, true);
    }

    /// The field of the same kind `bytes` further on: the second word of an address, an element of
    /// an array.
    public Field plus(int bytes) {
        return new Field(name + "+" + bytes, offset + bytes, size, network);
    }

    int bytes() {
        return size.bits() / 8;
    }

    int end() {
        return offset + bytes();
    }

    /// A number as it lies in this field, seen in the machine's byte order.
    long raw(long value) {
        return network ? Content.swap(value, size.bits()) : value;
    }
}
