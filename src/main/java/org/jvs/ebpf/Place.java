package org.jvs.ebpf;

/// A place in memory that a program can address: where a [Var] points to, so many bytes behind it,
/// or an [Area] of the stack. [Field]s are stored to it and changed in it here, and loaded from it
/// by [Var#load(Place, Field)].
public abstract sealed class Place implements Argument permits Var, Area, Place.Offset {
    /// A place relative to another one; no instruction is spent on it.
    static final class Offset extends Place {
        private final Place origin;
        private final String name;
        private final int bytes;

        private Offset(Place origin, String name, int bytes) {
            this.origin = origin;
            this.name = name;
            this.bytes = bytes;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        Code code() {
            return origin.code();
        }

        @Override
        Var base() {
            return origin.base();
        }

        @Override
        int displacement() {
            return origin.displacement() + bytes;
        }

        @Override
        void check(Field field) {
            origin.check(field.plus(bytes));
        }
    }

    Place() {}

    /// For the listing.
    public abstract String name();

    abstract Code code();

    /// The variable it is relative to.
    abstract Var base();

    abstract int displacement();

    /// Refuses a field that lies outside.
    abstract void check(Field field);

    /// The place so many bytes further on.
    public Place plus(int bytes) {
        return plus(name() + (bytes < 0 ? "" : "+") + bytes, bytes);
    }

    /// The place so many bytes further on, under a name of its own.
    public Place plus(String name, int bytes) {
        return new Offset(this, name, bytes);
    }

    // ---- stores

    /// Stores a variable, which has to be in the field's byte order.
    public void store(Field field, Var value) {
        Content content = value.read();
        if (content.network() != field.network()) {
            throw new IllegalStateException(
                    "'%s' is in %s order and field '%s' is not; use toNetwork, toHost or raw"
                            .formatted(
                                    value.name(),
                                    content.network() ? "network" : "host",
                                    field.name()));
        }
        access(field, " = " + value.name())
                .store(field.size(), register(), at(field), value.register());
    }

    /// Stores a number, in the field's byte order whatever that is.
    public void store(Field field, long value) {
        int bits = field.size().bits();
        if (bits < Long.SIZE && (value >> bits != 0 && value >> bits - 1 != -1)) {
            throw new IllegalArgumentException(
                    "%d does not fit the %d bits of field '%s'"
                            .formatted(value, bits, field.name()));
        }
        long raw = field.raw(value);
        if (field.size() == Size.DOUBLE && raw != (int) raw) {
            throw new IllegalArgumentException(
                    "0x" + Long.toHexString(value) + " takes a variable to be stored in 64 bits");
        }
        access(field, " = " + value).store(field.size(), register(), at(field), (int) raw);
    }

    /// Writes zeros, eight bytes at a time where the offset allows it.
    public void zero(int from, int to) {
        for (int at = from; at < to; ) {
            Size size = Size.widest(displacement() + at, to - at);
            Field field = new Field("zero", at, size, false);
            access(field, "").store(size, register(), at(field), 0);
            at += field.bytes();
        }
    }

    /// Copies `bytes` from another place in pieces of `step` bytes, which both have to be aligned
    /// to on the stack.
    ///
    /// @param by a variable to carry them
    public void copyFrom(Place source, int bytes, int step, Var by) {
        Size size = Size.ofBytes(step);
        for (int at = 0; at < bytes; at += step) {
            Field field = new Field(at + "", at, size, false);
            by.load(source, field);
            store(field, by);
        }
    }

    // ---- atomic changes of 32 or 64 bits in host order (RFC 9669 section 5.3)

    /// Adds a variable to memory; no other CPU comes in between.
    public void atomicAdd(Field field, Var amount) {
        atomic(Atomic.ADD, field, amount);
    }

    /// As [#atomicAdd] for any operation that hands nothing back.
    public void atomic(Atomic operation, Field field, Var operand) {
        if (operation.fetches()) {
            throw new IllegalArgumentException(operation + " hands a value back; use fetch");
        }
        emit(operation, field, operand);
    }

    /// Changes memory by a variable, which gets what was there.
    ///
    /// @param operation one of the FETCH operations or [Atomic#EXCHANGE]
    public void fetch(Atomic operation, Field field, Var operand) {
        if (!operation.fetches() || operation == Atomic.COMPARE_EXCHANGE) {
            throw new IllegalArgumentException(operation + " does not change its operand");
        }
        emit(operation, field, operand);
        operand.set(false, field.size().bits());
    }

    /// Stores `replacement` if memory holds `expected`, which gets what was there.
    ///
    /// @param expected a variable in R0, as the instruction demands
    public void compareExchange(Field field, Var expected, Var replacement) {
        if (expected.register() != Register.R0) {
            throw new IllegalArgumentException(
                    "what is expected has to be in R0; '%s' is in %s"
                            .formatted(expected.name(), expected.register()));
        }
        expected.read();
        emit(Atomic.COMPARE_EXCHANGE, field, replacement);
        expected.set(false, field.size().bits());
    }

    private void emit(Atomic operation, Field field, Var operand) {
        operand.read();
        access(field, " by " + operand.name())
                .atomic(operation, field.size(), register(), at(field), operand.register());
    }

    // ---- for Var

    Register register() {
        return base().register();
    }

    int at(Field field) {
        return displacement() + field.offset();
    }

    /// The assembler, after all that can be wrong with an access was checked.
    Assembler access(Field field, String action) {
        check(field);
        base().read();
        return code().emit().remark(name() + "." + field.name() + action);
    }
}
