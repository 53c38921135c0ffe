package org.jvs.ebpf;

import java.util.Locale;

/// One instruction as text, in the notation of the verifier's log: `r1 = *(u16 *)(r7 +12)`, `w` for
/// the 32-bit half of a register.
final class Disassembler {
    private Disassembler() {}

    /// The text.
    ///
    /// @param next the second half of a 64-bit immediate
    /// @param target the label a jump goes to, empty if there is none
    static String text(Instruction i, Instruction next, String target) {
        return switch (i.opcode() & Instruction.CLASS_MASK) {
            case Instruction.LD -> wide(i, next);
            case Instruction.LDX -> "r" + i.dst() + " = " + memory(i, i.src());
            case Instruction.ST -> memory(i, i.dst()) + " = " + i.immediate();
            case Instruction.STX -> store(i);
            case Instruction.ALU32 -> arithmetic(i, "w");
            case Instruction.ALU64 -> arithmetic(i, "r");
            case Instruction.JMP -> jump(i, "r", target);
            default -> jump(i, "w", target);
        };
    }

    private static String wide(Instruction i, Instruction next) {
        String dst = "r" + i.dst() + " = ";
        return switch (i.src()) {
            case Instruction.PSEUDO_MAP_FD -> dst + "map[fd " + i.immediate() + "]";
            case Instruction.PSEUDO_MAP_VALUE ->
                    dst + "map[fd " + i.immediate() + "].value +" + next.immediate();
            default -> {
                long value = (long) next.immediate() << 32 | Integer.toUnsignedLong(i.immediate());
                yield dst + "0x" + Long.toHexString(value) + " ll";
            }
        };
    }

    private static String memory(Instruction i, int base) {
        String sign = i.offset() < 0 ? " " : " +";
        int bits = Size.ofOpcode(i.opcode()).bits();
        return "*(u" + bits + " *)(r" + base + sign + i.offset() + ")";
    }

    private static String store(Instruction i) {
        if ((i.opcode() & Instruction.MODE_MASK) != Instruction.MODE_ATOMIC) {
            return memory(i, i.dst()) + " = r" + i.src();
        }
        for (Atomic operation : Atomic.values()) {
            if (operation.code() == i.immediate()) {
                String name = operation.name().toLowerCase(Locale.ROOT);
                return "atomic_" + name + " " + memory(i, i.dst()) + ", r" + i.src();
            }
        }
        return "atomic " + i.immediate();
    }

    private static String arithmetic(Instruction i, String prefix) {
        String dst = prefix + i.dst();
        boolean register = (i.opcode() & Instruction.X) != 0;
        int code = i.opcode() & Instruction.CODE_MASK;
        return switch (code) {
            case Instruction.NEG -> dst + " = -" + dst;
            case Instruction.END ->
                    "r" + i.dst() + (register ? " = be" : " = le") + i.immediate() + " r" + i.dst();
            default -> {
                String operand = register ? prefix + i.src() : immediate(i.immediate());
                yield dst + " " + symbol(code) + " " + operand;
            }
        };
    }

    private static String symbol(int code) {
        for (Alu operation : Alu.values()) {
            if (operation.code() == code) {
                return operation.symbol();
            }
        }
        return "?" + code;
    }

    private static String jump(Instruction i, String prefix, String target) {
        String where = target.isEmpty() ? "+" + i.offset() : target;
        int code = i.opcode() & Instruction.CODE_MASK;
        return switch (code) {
            case Instruction.JA -> "goto " + where;
            case Instruction.CALL ->
                    "call " + (i.src() == Instruction.PSEUDO_CALL ? where : helper(i.immediate()));
            case Instruction.EXIT -> "exit";
            default -> {
                boolean register = (i.opcode() & Instruction.X) != 0;
                String right = register ? prefix + i.src() : immediate(i.immediate());
                String left = prefix + i.dst();
                yield "if " + left + " " + relation(code) + " " + right + " goto " + where;
            }
        };
    }

    private static String relation(int code) {
        for (Condition condition : Condition.values()) {
            if (condition.code() == code) {
                return condition.symbol();
            }
        }
        return "?" + code;
    }

    private static String helper(int number) {
        Helper helper = Helper.ofNumber(number);
        return helper == null ? "#" + number : helper.name().toLowerCase(Locale.ROOT);
    }

    /// Small numbers as they are, larger ones as masks are read.
    private static String immediate(int value) {
        return value > -256 && value < 256 ? "" + value : "0x" + Integer.toHexString(value);
    }
}
