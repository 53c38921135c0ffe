package org.jvs.ebpf;

import java.util.Locale;

/// One instruction as text, in the notation of the verifier's log: `r1 = *(u16 *)(r7 +12)`, `w` for
/// the 32-bit half of a register. Knows all of RFC 9669, also what [Assembler] does not emit.
final class Notation {
    /// Offset that makes division and modulo signed.
    private static final int SIGNED = 1;

    private static final int LOAD_ACQUIRE = 0x100;
    private static final int STORE_RELEASE = 0x110;

    private Notation() {}

    /// The text.
    ///
    /// @param next the second half of a 64-bit immediate
    /// @param target the label a jump goes to, empty if there is none
    /// @param map the name of the map it is about, empty if it is not known
    static String text(Instruction i, Instruction next, String target, String map) {
        return switch (i.opcode() & Instruction.CLASS_MASK) {
            case Instruction.LD -> i.isWide() ? wide(i, next, map) : packet(i);
            case Instruction.LDX -> load(i);
            case Instruction.ST ->
                    isMode(i, Instruction.MODE_MEM)
                            ? memory(i, "u", i.dst()) + " = " + immediate(i.immediate())
                            : unknown(i);
            case Instruction.STX -> store(i);
            case Instruction.ALU32 -> arithmetic(i, "w");
            case Instruction.ALU64 -> arithmetic(i, "r");
            case Instruction.JMP -> jump(i, "r", target);
            default -> jump(i, "w", target);
        };
    }

    private static boolean isMode(Instruction i, int mode) {
        return (i.opcode() & Instruction.MODE_MASK) == mode;
    }

    private static String unknown(Instruction i) {
        return String.format(
                "(%02x) unknown: dst %d src %d offset %d immediate %d",
                i.opcode(), i.dst(), i.src(), i.offset(), i.immediate());
    }

    private static String wide(Instruction i, Instruction next, String map) {
        String dst = "r" + i.dst() + " = ";
        String which = map.isEmpty() ? "fd " + i.immediate() : map;
        return switch (i.src()) {
            case Instruction.PSEUDO_MAP_FD -> dst + "map[" + which + "]";
            case Instruction.PSEUDO_MAP_VALUE ->
                    dst + "map[" + which + "].value +" + next.immediate();
            case Instruction.PSEUDO_VARIABLE -> dst + "kernel variable " + i.immediate();
            case Instruction.PSEUDO_FUNCTION -> dst + "function " + i.immediate();
            default -> {
                long value = (long) next.immediate() << 32 | Integer.toUnsignedLong(i.immediate());
                yield dst + "0x" + Long.toHexString(value) + " ll";
            }
        };
    }

    /// Loads of classic BPF.
    private static String packet(Instruction i) {
        String size = "r0 = *(u" + Size.ofOpcode(i.opcode()).bits() + " *)skb[";
        return switch (i.opcode() & Instruction.MODE_MASK) {
            case Instruction.MODE_ABSOLUTE -> size + i.immediate() + "]";
            case Instruction.MODE_INDIRECT -> size + "r" + i.src() + " + " + i.immediate() + "]";
            default -> unknown(i);
        };
    }

    private static String load(Instruction i) {
        return switch (i.opcode() & Instruction.MODE_MASK) {
            case Instruction.MODE_MEM -> "r" + i.dst() + " = " + memory(i, "u", i.src());
            case Instruction.MODE_SIGNED -> "r" + i.dst() + " = " + memory(i, "s", i.src());
            default -> unknown(i);
        };
    }

    private static String memory(Instruction i, String type, int base) {
        String sign = i.offset() < 0 ? " " : " +";
        int bits = Size.ofOpcode(i.opcode()).bits();
        return "*(" + type + bits + " *)(r" + base + sign + i.offset() + ")";
    }

    private static String store(Instruction i) {
        String where = memory(i, "u", i.dst());
        if (isMode(i, Instruction.MODE_MEM)) {
            return where + " = r" + i.src();
        }
        if (!isMode(i, Instruction.MODE_ATOMIC)) {
            return unknown(i);
        }
        if (i.immediate() == LOAD_ACQUIRE) {
            return "r" + i.dst() + " = load_acquire " + memory(i, "u", i.src());
        }
        if (i.immediate() == STORE_RELEASE) {
            return "store_release " + where + ", r" + i.src();
        }
        for (Atomic operation : Atomic.values()) {
            if (operation.code() == i.immediate()) {
                String name = operation.name().toLowerCase(Locale.ROOT);
                return "atomic_" + name + " " + where + ", r" + i.src();
            }
        }
        return unknown(i);
    }

    private static String arithmetic(Instruction i, String prefix) {
        String dst = prefix + i.dst();
        boolean register = (i.opcode() & Instruction.X) != 0;
        int code = i.opcode() & Instruction.CODE_MASK;
        if (code == Instruction.NEG) {
            return dst + " = -" + dst;
        }
        if (code == Instruction.END) {
            String order = prefix.equals("r") ? "bswap" : register ? "be" : "le";
            return "r" + i.dst() + " = " + order + i.immediate() + " r" + i.dst();
        }
        for (Alu operation : Alu.values()) {
            if (operation.code() == code) {
                String operand = register ? prefix + i.src() : immediate(i.immediate());
                if (operation == Alu.MOV && i.offset() != 0) {
                    return dst + " = (s" + i.offset() + ")" + operand;
                }
                boolean signed =
                        i.offset() == SIGNED && (operation == Alu.DIV || operation == Alu.MOD);
                return dst + (signed ? " s" : " ") + operation.symbol() + " " + operand;
            }
        }
        return unknown(i);
    }

    private static String jump(Instruction i, String prefix, String target) {
        Integer distance = i.distance();
        String where = target.isEmpty() ? "+" + distance : target;
        boolean whole = prefix.equals("r");
        int code = i.opcode() & Instruction.CODE_MASK;
        return switch (code) {
            case Instruction.JA -> "goto " + where;
            case Instruction.CALL -> whole ? call(i, where) : unknown(i);
            case Instruction.EXIT -> whole ? "exit" : unknown(i);
            default -> branch(i, prefix, code, where);
        };
    }

    private static String call(Instruction i, String where) {
        if (i.src() == Instruction.PSEUDO_CALL) {
            return "call " + where;
        }
        if (i.src() == Instruction.PSEUDO_KERNEL_FUNCTION) {
            return "call kernel function " + i.immediate();
        }
        Helper helper = Helper.ofNumber(i.immediate());
        return "call " + (helper == null ? "#" + i.immediate() : helper.spelled());
    }

    private static String branch(Instruction i, String prefix, int code, String where) {
        boolean register = (i.opcode() & Instruction.X) != 0;
        String right = register ? prefix + i.src() : immediate(i.immediate());
        for (Condition condition : Condition.values()) {
            if (condition.code() == code) {
                String left = prefix + i.dst();
                return "if " + left + " " + condition.symbol() + " " + right + " goto " + where;
            }
        }
        return unknown(i);
    }

    /// Small numbers as they are, larger ones as masks are read.
    private static String immediate(int value) {
        return value > -256 && value < 256 ? "" + value : "0x" + Integer.toHexString(value);
    }
}
