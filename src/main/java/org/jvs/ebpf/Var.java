package org.jvs.ebpf;

import org.jspecify.annotations.Nullable;

/// A named value in a register of its author's choice. Methods emit instructions, read like the
/// statements they stand for and return the variable:
///
/// ```
/// Var port = code.var("port", R2).load(udp, Udp.DESTINATION);
/// length.and(15).shiftLeft(2);
/// code.when(port.eq(53), dns);
/// ```
///
/// While the program is built the register is watched: a variable may not be read where its
/// register was given to another one, did not survive a call, or was set on some of the ways only.
/// A value in network byte order can be copied, stored, compared for equality, masked and asked for
/// bits, with constants in their usual form; for anything else it has to be turned round by
/// [#toHost()].
///
/// Numbers given to operations on 64 bits must fit a sign-extended int, as the instructions demand.
public final class Var extends Place {
    private final Code code;
    private final String name;
    private final Register register;
    private final @Nullable Var whole;

    Var(Code code, String name, Register register, @Nullable Var whole) {
        this.code = code;
        this.name = name;
        this.register = register;
        this.whole = whole;
    }

    /// Its low 32 bits: arithmetic that zeroes the upper half, comparisons that ignore it.
    public Var low() {
        return isLow() ? this : new Var(code, name, register, this);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Register register() {
        return register;
    }

    boolean isLow() {
        return whole != null;
    }

    @Override
    Code code() {
        return code;
    }

    @Override
    Var base() {
        return this;
    }

    @Override
    int displacement() {
        return 0;
    }

    @Override
    void check(Field field) {
        // what it points to is the verifier's to know
    }

    // ---- setting

    /// Becomes a number; two instructions if it needs more than 32 bits.
    public Var set(long value) {
        if (isLow() && value != (int) value && value >>> 32 != 0) {
            throw new IllegalArgumentException(
                    "0x%x does not fit the low 32 bits of '%s'".formatted(value, name));
        }
        long becomes = isLow() ? value & 0xffffffffL : value;
        Assembler to = code.emit().remark(name);
        if (becomes == (int) becomes) {
            to.mov(register, (int) becomes);
        } else if (becomes >>> 32 == 0) {
            to.alu32(Alu.MOV, register, (int) becomes);
        } else {
            to.loadConstant(register, becomes);
        }
        return set(false, Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(becomes)));
    }

    /// Becomes a copy.
    public Var set(Var other) {
        Content content = other.read();
        Assembler to = code.emit().remark(name + " = " + other.name);
        if (isLow()) {
            to.alu32(Alu.MOV, register, other.register);
        } else {
            to.mov(register, other.register);
        }
        return set(content.network(), isLow() ? Math.min(32, content.bits()) : content.bits());
    }

    /// Becomes the address of a place: a copy of its base, and what lies between.
    public Var address(Place place) {
        place.base().read();
        Assembler to = code.emit().remark(name + " = " + place.name());
        if (place.register() != register) {
            to.mov(register, place.register());
        }
        if (place.displacement() != 0) {
            to.add(register, place.displacement());
        }
        return set(false, Long.SIZE);
    }

    /// Becomes the address of a byte in the value of an array map of one element.
    public Var address(MapRef map, int offset) {
        code.emit().remark(name).loadMapValue(register, map, offset);
        return set(false, Long.SIZE);
    }

    /// Is loaded from memory, zero-extended, as it lies there.
    public Var load(Place place, Field field) {
        place.check(field);
        place.base().read();
        code.emit()
                .remark(name + " = " + place.name() + "." + field.name())
                .load(field.size(), register, place.register(), place.at(field));
        return set(field.network(), field.size().bits());
    }

    /// Is loaded from the stack.
    public Var load(Slot slot) {
        return load(slot.area(), slot.field());
    }

    /// The same value under another name from here on; this variable has none any more.
    public Var as(String newName) {
        Content content = read();
        return new Var(code, newName, register, null).set(content.network(), content.bits());
    }

    // ---- arithmetic

    public Var add(long value) {
        return change(Alu.ADD, value);
    }

    public Var add(Var other) {
        return change(Alu.ADD, other);
    }

    public Var sub(long value) {
        return change(Alu.SUB, value);
    }

    public Var sub(Var other) {
        return change(Alu.SUB, other);
    }

    public Var mul(long value) {
        return change(Alu.MUL, value);
    }

    public Var mul(Var other) {
        return change(Alu.MUL, other);
    }

    /// Unsigned.
    public Var div(long value) {
        return change(Alu.DIV, value);
    }

    /// Unsigned; zero if `other` is.
    public Var div(Var other) {
        return change(Alu.DIV, other);
    }

    /// Unsigned.
    public Var mod(long value) {
        return change(Alu.MOD, value);
    }

    /// Unsigned; unchanged if `other` is zero.
    public Var mod(Var other) {
        return change(Alu.MOD, other);
    }

    public Var and(long mask) {
        return change(Alu.AND, mask);
    }

    public Var and(Var other) {
        return change(Alu.AND, other);
    }

    public Var or(long bits) {
        return change(Alu.OR, bits);
    }

    public Var or(Var other) {
        return change(Alu.OR, other);
    }

    public Var xor(long bits) {
        return change(Alu.XOR, bits);
    }

    public Var xor(Var other) {
        return change(Alu.XOR, other);
    }

    public Var shiftLeft(int bits) {
        return change(Alu.LSH, bits);
    }

    public Var shiftLeft(Var bits) {
        return change(Alu.LSH, bits);
    }

    /// Fills with zeros.
    public Var shiftRight(int bits) {
        return change(Alu.RSH, bits);
    }

    /// Fills with zeros.
    public Var shiftRight(Var bits) {
        return change(Alu.RSH, bits);
    }

    /// Fills with the sign.
    public Var shiftRightSigned(int bits) {
        return change(Alu.ARSH, bits);
    }

    public Var negate() {
        host(read(), "negated");
        Assembler to = code.emit().remark(name);
        if (isLow()) {
            to.negate32(register);
        } else {
            to.negate(register);
        }
        return set(false, isLow() ? 32 : Long.SIZE);
    }

    /// Keeps the low 8, 16 or 32 bits and repeats the highest of them above.
    public Var signExtend(int bits) {
        return shiftLeft(Long.SIZE - bits).shiftRightSigned(Long.SIZE - bits);
    }

    /// Keeps the low 8, 16 or 32 bits.
    public Var zeroExtend(int bits) {
        return bits == 32 ? low().set(this) : and((1L << bits) - 1);
    }

    // ---- byte order

    /// From network to host order, as wide as it was loaded.
    public Var toHost() {
        Content content = read();
        if (!content.network()) {
            throw new IllegalStateException("'" + name + "' is in host order already");
        }
        code.emit().remark(name).bigEndian(register, content.bits());
        return set(false, content.bits());
    }

    /// From host to network order.
    ///
    /// @param bits 16, 32 or 64; what is above is cleared
    public Var toNetwork(int bits) {
        host(read(), "turned to network order again");
        code.emit().remark(name).bigEndian(register, bits);
        return set(true, bits);
    }

    /// From here on taken as it lies in memory, whatever its order was: for sums of checksums,
    /// which do not care (RFC 1071 section 2), and for hashes.
    public Var raw() {
        return set(false, read().bits());
    }

    /// The reverse of [#raw()]: the low bits are in network order, by calculation.
    ///
    /// @param bits 16, 32 or 64; what is above has to be zero
    public Var asNetwork(int bits) {
        host(read(), "said to be so again");
        return set(true, bits);
    }

    // ---- questions

    /// Equal.
    public Check eq(long value) {
        return new Check.Compare(this, Condition.EQ, value);
    }

    public Check eq(Var other) {
        return new Check.CompareVars(this, Condition.EQ, other);
    }

    /// Not equal.
    public Check ne(long value) {
        return new Check.Compare(this, Condition.NE, value);
    }

    public Check ne(Var other) {
        return new Check.CompareVars(this, Condition.NE, other);
    }

    /// Has one of these bits, or several.
    public Check has(long bits) {
        return new Check.Compare(this, Condition.SET, bits);
    }

    /// Has none of these bits.
    public Check lacks(long bits) {
        return has(bits).not();
    }

    /// Any other comparison; [Condition] says which are signed.
    public Check is(Condition condition, long value) {
        return new Check.Compare(this, condition, value);
    }

    /// Any other comparison.
    public Check is(Condition condition, Var other) {
        return new Check.CompareVars(this, condition, other);
    }

    /// Less than, unsigned.
    public Check lt(long value) {
        return is(Condition.LT, value);
    }

    public Check lt(Var other) {
        return is(Condition.LT, other);
    }

    /// Less than or equal, unsigned.
    public Check le(long value) {
        return is(Condition.LE, value);
    }

    public Check le(Var other) {
        return is(Condition.LE, other);
    }

    /// Greater than, unsigned.
    public Check gt(long value) {
        return is(Condition.GT, value);
    }

    public Check gt(Var other) {
        return is(Condition.GT, other);
    }

    /// Greater than or equal, unsigned.
    public Check ge(long value) {
        return is(Condition.GE, value);
    }

    public Check ge(Var other) {
        return is(Condition.GE, other);
    }

    // ---- within the package

    /// What is known of its value.
    ///
    /// @throws IllegalStateException if it has none at this place
    Content read() {
        return code.read(whole == null ? this : whole);
    }

    /// Has a value from here on.
    Var set(boolean network, int bits) {
        code.written(whole == null ? this : whole, network, bits);
        return this;
    }

    /// A number as the instruction has to give it, if the value is in that order.
    long raw(Content content, long value) {
        return content.network() ? Content.swap(value, content.bits()) : value;
    }

    private Var change(Alu operation, long value) {
        Content content = read();
        boolean bitwise = operation == Alu.AND || operation == Alu.OR || operation == Alu.XOR;
        if (!bitwise) {
            host(content, "calculated with");
        }
        long raw = raw(content, value);
        boolean wide = raw != (int) raw;
        // the upper half is zero, so that half the register does as well
        boolean half = wide && raw >>> 32 == 0 && (bitwise && content.bits() <= 32 || isLow());
        if (wide && !half) {
            throw new IllegalArgumentException(
                    "0x%x is too large for an operation on '%s'; use low(), or a variable"
                            .formatted(value, name));
        }
        Assembler to = code.emit().remark(name);
        if (half || isLow()) {
            to.alu32(operation, register, (int) raw);
        } else {
            to.alu(operation, register, (int) raw);
        }
        return set(content.network(), width(operation, content, raw, half || isLow()));
    }

    private static int width(Alu operation, Content content, long value, boolean half) {
        int most = half ? 32 : Long.SIZE;
        return switch (operation) {
            case AND ->
                    value < 0 || content.network() ? content.bits() : Math.min(32, content.bits());
            case OR, XOR ->
                    value < 0 && !half
                            ? Long.SIZE
                            : Math.max(
                                    content.bits(), Long.SIZE - Long.numberOfLeadingZeros(value));
            case RSH ->
                    content.network()
                            ? content.bits()
                            : Math.max(1, Math.min(most, content.bits()));
            default -> most;
        };
    }

    private Var change(Alu operation, Var other) {
        Content content = read();
        Content operand = other.read();
        if (content.network() || operand.network()) {
            boolean bitwise = operation == Alu.AND || operation == Alu.OR || operation == Alu.XOR;
            if (!bitwise
                    || content.network() != operand.network()
                    || content.bits() != operand.bits()) {
                host(content, "calculated with");
                host(operand, other.name, "calculated with");
            }
        }
        Assembler to = code.emit().remark(name + " " + operation.symbol() + " " + other.name);
        if (isLow()) {
            to.alu32(operation, register, other.register);
        } else {
            to.alu(operation, register, other.register);
        }
        int most = isLow() ? 32 : Long.SIZE;
        return set(content.network(), content.network() ? content.bits() : most);
    }

    private void host(Content content, String action) {
        host(content, name, action);
    }

    private static void host(Content content, String name, String action) {
        if (content.network()) {
            throw new IllegalStateException(
                    "'%s' is in network byte order and cannot be %s; use toHost or raw"
                            .formatted(name, action));
        }
    }

    @Override
    public String toString() {
        return name + " in " + register;
    }
}
