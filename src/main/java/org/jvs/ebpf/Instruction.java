package org.jvs.ebpf;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One basic instruction (RFC 9669 section 3.1), eight bytes, little-endian machines:
///
/// ```
///  0       1           2        4             8
///  | opcode | src : dst | offset | immediate   |
/// ```
///
/// The opcode's low three bits are the class; see the constants. A 64-bit immediate takes two
/// instructions, the second with opcode zero.
record Instruction(int opcode, int dst, int src, int offset, int immediate) {
    static final int BYTES = 8;

    // classes
    static final int LD = 0x00;
    static final int LDX = 0x01;
    static final int ST = 0x02;
    static final int STX = 0x03;
    static final int ALU32 = 0x04;
    static final int JMP = 0x05;
    static final int JMP32 = 0x06;
    static final int ALU64 = 0x07;
    static final int CLASS_MASK = 0x07;

    // source of an operand: immediate, or register
    static final int K = 0x00;
    static final int X = 0x08;

    // modes of loads and stores
    static final int MODE_IMM = 0x00;
    static final int MODE_ABSOLUTE = 0x20;
    static final int MODE_INDIRECT = 0x40;
    static final int MODE_MEM = 0x60;
    static final int MODE_SIGNED = 0x80;
    static final int MODE_ATOMIC = 0xc0;
    static final int MODE_MASK = 0xe0;

    // codes that are neither plain arithmetic nor conditions
    static final int NEG = 0x80;
    static final int END = 0xd0;
    static final int JA = 0x00;
    static final int CALL = 0x80;
    static final int EXIT = 0x90;
    static final int CODE_MASK = 0xf0;

    // what the immediate of a 64-bit load means, in the src field
    static final int PSEUDO_MAP_FD = 1;
    static final int PSEUDO_MAP_VALUE = 2;
    static final int PSEUDO_VARIABLE = 3;
    static final int PSEUDO_FUNCTION = 4;
    // what the immediate of a call means, in the src field
    static final int PSEUDO_CALL = 1;
    static final int PSEUDO_KERNEL_FUNCTION = 2;

    static final int LOAD_IMMEDIATE_64 = LD | MODE_IMM | 0x18;

    static Instruction decode(ByteBuffer from) {
        int opcode = from.get() & 0xff;
        int registers = from.get() & 0xff;
        return new Instruction(
                opcode, registers & 15, registers >>> 4, from.getShort(), from.getInt());
    }

    void encode(ByteBuffer into) {
        into.put((byte) opcode);
        into.put((byte) (src << 4 | dst));
        into.putShort((short) offset);
        into.putInt(immediate);
    }

    Instruction withImmediate(int value) {
        return new Instruction(opcode, dst, src, offset, value);
    }

    boolean isWide() {
        return opcode == LOAD_IMMEDIATE_64;
    }

    /// Whether it is a call of a function of the same program.
    boolean isOwnCall() {
        return opcode == (JMP | CALL) && src == PSEUDO_CALL;
    }

    /// How far it may jump, counted from the next instruction; null if it goes nowhere else.
    @Nullable Integer distance() {
        int type = opcode & CLASS_MASK;
        int code = opcode & CODE_MASK;
        if (isOwnCall() || opcode == (JMP32 | JA)) {
            return immediate;
        }
        boolean jump = type == JMP && code != CALL && code != EXIT || type == JMP32;
        return jump ? (Integer) offset : null;
    }
}
