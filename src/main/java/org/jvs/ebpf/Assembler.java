package org.jvs.ebpf;

import static org.jvs.ebpf.Instruction.ALU32;
import static org.jvs.ebpf.Instruction.ALU64;
import static org.jvs.ebpf.Instruction.CALL;
import static org.jvs.ebpf.Instruction.END;
import static org.jvs.ebpf.Instruction.EXIT;
import static org.jvs.ebpf.Instruction.JA;
import static org.jvs.ebpf.Instruction.JMP;
import static org.jvs.ebpf.Instruction.JMP32;
import static org.jvs.ebpf.Instruction.K;
import static org.jvs.ebpf.Instruction.LDX;
import static org.jvs.ebpf.Instruction.LOAD_IMMEDIATE_64;
import static org.jvs.ebpf.Instruction.MODE_ATOMIC;
import static org.jvs.ebpf.Instruction.MODE_MEM;
import static org.jvs.ebpf.Instruction.NEG;
import static org.jvs.ebpf.Instruction.PSEUDO_CALL;
import static org.jvs.ebpf.Instruction.PSEUDO_MAP_FD;
import static org.jvs.ebpf.Instruction.PSEUDO_MAP_VALUE;
import static org.jvs.ebpf.Instruction.ST;
import static org.jvs.ebpf.Instruction.STX;
import static org.jvs.ebpf.Instruction.X;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Builds a program, instruction by instruction, and resolves its labels. Methods read like the
/// statements they emit: destination first. [Code] is what programs are written with; it stands on
/// this.
///
/// ```
/// Label pass = new Label("pass");
/// Program program = new Assembler()
///         .note("too short for Ethernet?")
///         .load(Size.WORD, R2, R1, Xdp.DATA)
///         .load(Size.WORD, R3, R1, Xdp.DATA_END)
///         .mov(R4, R2).add(R4, 14)
///         .jumpIf(Condition.GT, R4, R3, pass)
///         .returns(Xdp.DROP)
///         .bind(pass).returns(Xdp.PASS)
///         .assemble("example");
/// ```
public final class Assembler {
    private final List<Instruction> instructions = new ArrayList<>();
    private final Map<Integer, Label> targets = new HashMap<>();
    private final Map<Integer, List<Label>> bound = new HashMap<>();
    private final Map<Integer, String> notes = new HashMap<>();
    private final Map<Integer, String> remarks = new HashMap<>();
    private final Map<Integer, MapRef> maps = new HashMap<>();

    /// A sentence about the next instructions, which the listing prints above them.
    public Assembler note(String text) {
        notes.merge(instructions.size(), text, (a, b) -> a + "; " + b);
        return this;
    }

    /// A word on the next instruction, which the listing prints beside it.
    Assembler remark(String text) {
        remarks.put(instructions.size(), text);
        return this;
    }

    /// Puts a label here.
    ///
    /// @throws IllegalStateException if it has a place already
    public Assembler bind(Label label) {
        label.bindTo(instructions.size());
        bound.computeIfAbsent(instructions.size(), _ -> new ArrayList<>()).add(label);
        return this;
    }

    /// Takes the last instruction back if it is a jump to what comes next anyway.
    void dropJump(Label label) {
        int last = instructions.size() - 1;
        boolean useless =
                last >= 0
                        && instructions.get(last).opcode() == (JMP | JA)
                        && targets.get(last) == label
                        && !bound.containsKey(instructions.size());
        if (useless) {
            instructions.removeLast();
            targets.remove(last);
            remarks.remove(last);
        }
    }

    // ---- arithmetic, 64 bits

    public Assembler alu(Alu operation, Register dst, Register src) {
        return emit(ALU64 | X | operation.code(), dst, src.number(), 0, 0);
    }

    /// Arithmetic with a sign-extended immediate.
    public Assembler alu(Alu operation, Register dst, int immediate) {
        checkShift(operation, immediate, 64);
        return emit(ALU64 | K | operation.code(), dst, 0, 0, immediate);
    }

    public Assembler mov(Register dst, Register src) {
        return alu(Alu.MOV, dst, src);
    }

    public Assembler mov(Register dst, int immediate) {
        return alu(Alu.MOV, dst, immediate);
    }

    public Assembler add(Register dst, Register src) {
        return alu(Alu.ADD, dst, src);
    }

    public Assembler add(Register dst, int immediate) {
        return alu(Alu.ADD, dst, immediate);
    }

    public Assembler sub(Register dst, Register src) {
        return alu(Alu.SUB, dst, src);
    }

    public Assembler mul(Register dst, Register src) {
        return alu(Alu.MUL, dst, src);
    }

    public Assembler and(Register dst, Register src) {
        return alu(Alu.AND, dst, src);
    }

    /// Keeps the bits of a sign-extended mask: a negative one keeps the upper half too.
    public Assembler and(Register dst, int mask) {
        return alu(Alu.AND, dst, mask);
    }

    public Assembler or(Register dst, Register src) {
        return alu(Alu.OR, dst, src);
    }

    public Assembler or(Register dst, int immediate) {
        return alu(Alu.OR, dst, immediate);
    }

    public Assembler xor(Register dst, Register src) {
        return alu(Alu.XOR, dst, src);
    }

    public Assembler xor(Register dst, int immediate) {
        return alu(Alu.XOR, dst, immediate);
    }

    public Assembler shiftLeft(Register dst, int bits) {
        return alu(Alu.LSH, dst, bits);
    }

    /// Shifts right, filling with zeros.
    public Assembler shiftRight(Register dst, int bits) {
        return alu(Alu.RSH, dst, bits);
    }

    public Assembler negate(Register dst) {
        return emit(ALU64 | NEG, dst, 0, 0, 0);
    }

    public Assembler negate32(Register dst) {
        return emit(ALU32 | NEG, dst, 0, 0, 0);
    }

    // ---- arithmetic, 32 bits; the upper half of dst becomes zero

    public Assembler alu32(Alu operation, Register dst, Register src) {
        return emit(ALU32 | X | operation.code(), dst, src.number(), 0, 0);
    }

    public Assembler alu32(Alu operation, Register dst, int immediate) {
        checkShift(operation, immediate, 32);
        return emit(ALU32 | K | operation.code(), dst, 0, 0, immediate);
    }

    // ---- byte order (RFC 9669 section 4.2)

    /// Turns the low 16, 32 or 64 bits from host to network order or back, and zeroes the rest.
    public Assembler bigEndian(Register dst, int bits) {
        return emit(ALU32 | X | END, dst, 0, 0, checkWidth(bits));
    }

    /// As [#bigEndian] for little-endian data: on our machines it only zeroes the rest.
    public Assembler littleEndian(Register dst, int bits) {
        return emit(ALU32 | K | END, dst, 0, 0, checkWidth(bits));
    }

    // ---- memory (RFC 9669 section 5)

    /// Loads from `src + offset`, zero-extended, host byte order.
    public Assembler load(Size size, Register dst, Register src, int offset) {
        return emit(LDX | MODE_MEM | size.code(), dst, src.number(), offset, 0);
    }

    /// Stores a register at `dst + offset`.
    public Assembler store(Size size, Register dst, int offset, Register src) {
        return emit(STX | MODE_MEM | size.code(), dst, src.number(), offset, 0);
    }

    /// Stores a constant at `dst + offset`; a double is sign-extended.
    public Assembler store(Size size, Register dst, int offset, int immediate) {
        return emit(ST | MODE_MEM | size.code(), dst, 0, offset, immediate);
    }

    /// An atomic operation on the word or double at `dst + offset`.
    public Assembler atomic(Atomic operation, Size size, Register dst, int offset, Register src) {
        if (size != Size.WORD && size != Size.DOUBLE) {
            throw new IllegalArgumentException(
                    "atomic operations take WORD or DOUBLE, not " + size);
        }
        return emit(STX | MODE_ATOMIC | size.code(), dst, src.number(), offset, operation.code());
    }

    /// Adds a register to memory atomically.
    public Assembler atomicAdd(Size size, Register dst, int offset, Register src) {
        return atomic(Atomic.ADD, size, dst, offset, src);
    }

    // ---- 64-bit constants; two instructions each (RFC 9669 section 5.4)

    public Assembler loadConstant(Register dst, long value) {
        return wide(dst, 0, (int) value, (int) (value >>> 32));
    }

    /// The map of that descriptor, to hand to a helper.
    public Assembler loadMap(Register dst, int mapFd) {
        return wide(dst, PSEUDO_MAP_FD, mapFd, 0);
    }

    /// The address of a byte in the value of an array map, for plain loads and stores. The kernel
    /// allows it for arrays of one element only, which may be as large as one likes.
    public Assembler loadMapValue(Register dst, int mapFd, int offset) {
        return wide(dst, PSEUDO_MAP_VALUE, mapFd, offset);
    }

    /// The map of that name, to hand to a helper.
    Assembler loadMap(Register dst, MapRef map) {
        maps.put(instructions.size(), map);
        return loadMap(dst, 0);
    }

    /// As [#loadMapValue(Register, int, int)] for the map of that name.
    Assembler loadMapValue(Register dst, MapRef map, int offset) {
        maps.put(instructions.size(), map);
        return loadMapValue(dst, 0, offset);
    }

    private Assembler wide(Register dst, int meaning, int low, int high) {
        emit(LOAD_IMMEDIATE_64, dst, meaning, 0, low);
        return emit(0, Register.R0, 0, 0, high);
    }

    // ---- jumps and calls (RFC 9669 section 4.3)

    public Assembler jump(Label target) {
        targets.put(instructions.size(), target);
        return emit(JMP | JA, Register.R0, 0, 0, 0);
    }

    public Assembler jumpIf(Condition condition, Register left, Register right, Label target) {
        targets.put(instructions.size(), target);
        return emit(JMP | X | condition.code(), left, right.number(), 0, 0);
    }

    /// Compares 64 bits with a sign-extended immediate.
    public Assembler jumpIf(Condition condition, Register left, int right, Label target) {
        targets.put(instructions.size(), target);
        return emit(JMP | K | condition.code(), left, 0, 0, right);
    }

    /// Compares the low 32 bits.
    public Assembler jumpIf32(Condition condition, Register left, Register right, Label target) {
        targets.put(instructions.size(), target);
        return emit(JMP32 | X | condition.code(), left, right.number(), 0, 0);
    }

    /// Compares the low 32 bits.
    public Assembler jumpIf32(Condition condition, Register left, int right, Label target) {
        targets.put(instructions.size(), target);
        return emit(JMP32 | K | condition.code(), left, 0, 0, right);
    }

    public Assembler call(Helper helper) {
        return emit(JMP | CALL, Register.R0, 0, 0, helper.number());
    }

    /// Calls a function of this program, bound by `target` behind an [#exit()]. It has R1 to R5,
    /// its own R6 to R9 and its own stack.
    public Assembler call(Label target) {
        targets.put(instructions.size(), target);
        return emit(JMP | CALL, Register.R0, PSEUDO_CALL, 0, 0);
    }

    /// Ends the program, or the function, with what is in R0.
    public Assembler exit() {
        return emit(JMP | EXIT, Register.R0, 0, 0, 0);
    }

    /// Ends with a constant.
    public Assembler returns(int value) {
        return mov(Register.R0, value).exit();
    }

    // ---- the end

    /// How many instructions there are so far (64-bit constants count as two).
    public int size() {
        return instructions.size();
    }

    /// Resolves the labels.
    ///
    /// @param name for listings and for the kernel
    /// @throws IllegalStateException if a label was never bound, or is out of a jump's reach
    public Program assemble(String name) {
        List<Instruction> resolved = new ArrayList<>(instructions.size());
        for (int i = 0; i < instructions.size(); i++) {
            Label target = targets.get(i);
            Instruction instruction = instructions.get(i);
            resolved.add(target == null ? instruction : resolve(instruction, i, target));
        }
        for (int i : bound.keySet()) {
            if (i == resolved.size()) {
                throw new IllegalStateException(
                        "label " + bound.get(i) + " is bound behind the last instruction");
            }
        }
        return new Program(name, resolved, maps, new Remarks(targets, bound, notes, remarks));
    }

    private static Instruction resolve(Instruction instruction, int index, Label target) {
        if (target.position() == Label.UNBOUND) {
            throw new IllegalStateException("label " + target + " is never bound");
        }
        int distance = target.position() - index - 1;
        if (instruction.isOwnCall()) {
            return instruction.withImmediate(distance);
        }
        if (distance != (short) distance) {
            throw new IllegalStateException(
                    "the jump at "
                            + index
                            + " to label "
                            + target
                            + " spans "
                            + distance
                            + " instructions; -32768..32767 is what a jump can do");
        }
        return new Instruction(
                instruction.opcode(),
                instruction.dst(),
                instruction.src(),
                distance,
                instruction.immediate());
    }

    private Assembler emit(int opcode, Register dst, int src, int offset, int immediate) {
        if (offset != (short) offset) {
            throw new IllegalArgumentException("offset " + offset + " is not in -32768..32767");
        }
        instructions.add(new Instruction(opcode, dst.number(), src, offset, immediate));
        return this;
    }

    private static void checkShift(Alu operation, int bits, int width) {
        boolean shift = operation == Alu.LSH || operation == Alu.RSH || operation == Alu.ARSH;
        if (shift && (bits < 0 || bits >= width)) {
            throw new IllegalArgumentException(
                    "a shift by " + bits + " is not in 0.." + (width - 1));
        }
    }

    private static int checkWidth(int bits) {
        if (bits != 16 && bits != 32 && bits != 64) {
            throw new IllegalArgumentException("byte swaps take 16, 32 or 64 bits, not " + bits);
        }
        return bits;
    }
}
