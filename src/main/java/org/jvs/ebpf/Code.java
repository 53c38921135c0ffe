package org.jvs.ebpf;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A program being written, in the order of a packet's way: variables, questions, blocks, loops,
/// calls. Each method emits instructions at the present place.
///
/// ```
/// Code code = new Code("example");
/// Packet packet = Packet.open(code, R8, R6, R7);
/// Label pass = code.label("pass");
/// Var scratch = code.var("needed", R2);
/// packet.require(packet.data(), 34, scratch, pass);
/// Var type = code.var("type", R2).load(packet.data(), Ethernet.TYPE);
/// code.when(type.ne(Ethernet.IPV4), pass);
/// code.block(pass, "not for us", () -> code.exit(Xdp.PASS));
/// Program program = code.program();
/// ```
///
/// Mistakes that would make a wrong program throw IllegalStateException here, at the line that made
/// them: reading a variable that has no value on some way, code that cannot be reached, a way that
/// runs out of the program.
public final class Code {
    private static final int STACK_BYTES = 512;

    private final String name;
    private final Assembler assembler = new Assembler();
    private final Var context;
    private final Jumps jumps = new Jumps(this);
    private final Kernel kernel = new Kernel(this);
    private final Map<Function, Label> called = new LinkedHashMap<>();
    private final Deque<Function> toRender = new ArrayDeque<>();

    /// Variables that the loops around here read, innermost last.
    private final List<Set<Var>> loops = new ArrayList<>();

    private Registers registers = new Registers();
    private Var frame = frame();
    private int stackUsed;
    private boolean reachable = true;

    /// An empty program; its context is in R1.
    public Code(String name) {
        this.name = name;
        context = argument("context", Register.R1);
    }

    // ---- values

    /// A variable that has no value yet. Two may share a register, one after the other.
    public Var var(String variable, Register register) {
        if (register == Register.R10) {
            throw new IllegalArgumentException(
                    "R10 is the frame pointer; use a stack area for '" + variable + "'");
        }
        return new Var(this, variable, register, null);
    }

    /// The context, which is in R1 until something else is put there.
    public Var context() {
        return context;
    }

    private Var argument(String variable, Register register) {
        return var(variable, register).set(false, Long.SIZE);
    }

    /// Room on the stack, aligned to eight bytes.
    ///
    /// @throws IllegalStateException if the 512 bytes that a function has are used up
    public Area stack(String area, int bytes) {
        int rounded = bytes + 7 & ~7;
        if (stackUsed + rounded > STACK_BYTES) {
            throw new IllegalStateException(
                    "no room for the %d bytes of '%s' on the stack: %d of %d are used"
                            .formatted(bytes, area, stackUsed, STACK_BYTES));
        }
        stackUsed += rounded;
        return new Area(this, frame, area, -stackUsed, bytes);
    }

    /// Room for a number of 64 bits on the stack.
    public Slot slot(String slot) {
        return slot(Field.u64(slot, 0));
    }

    /// Room for a number of that kind on the stack.
    public Slot slot(Field kind) {
        Area area = stack("stack", Size.DOUBLE.bits() / 8);
        return new Slot(area, new Field(kind.name(), 0, kind.size(), kind.network()));
    }

    // ---- for the listing

    /// A sentence about what comes next: what happens to the packet, and why.
    public Code note(String sentence) {
        if (reachable) {
            assembler.note(sentence);
        }
        return this;
    }

    // ---- labels and blocks

    /// A name for a place that jumps go to before [#block] says what is there.
    public Label label(String label) {
        return new Label(label);
    }

    /// What is done at a label. Nothing is emitted if no way leads there, so that parts of a
    /// program that a configuration does not need vanish by themselves. A way that is open before
    /// the block goes on into it.
    public void block(Label label, Runnable body) {
        block(label, "", body);
    }

    /// As [#block(Label, Runnable)], with a sentence on top.
    public void block(Label label, String sentence, Runnable body) {
        if (reachable && label.state() == null) {
            assembler.bind(label); // for the listing; the way from above goes on into it
        } else {
            bind(label);
        }
        if (reachable) {
            if (!sentence.isEmpty()) {
                note(sentence);
            }
            body.run();
        }
    }

    /// Goes on at a label further below.
    public void jump(Label target) {
        emit().jump(target);
        arrive(target);
        reachable = false;
    }

    /// Whether a way leads to this place.
    public boolean isReachable() {
        return reachable;
    }

    // ---- questions

    /// Goes on at a label if the answer is yes: one instruction for one comparison.
    public void when(Check check, Label target) {
        jumps.ifTrue(check, target);
    }

    /// Does something if the answer is yes.
    public void when(Check check, Runnable then) {
        Label past = new Label("");
        jumps.ifFalse(check, past);
        then.run();
        bind(past);
    }

    /// Does one thing or the other.
    public void when(Check check, Runnable then, Runnable otherwise) {
        Label opposite = new Label("");
        Label past = new Label("");
        jumps.ifFalse(check, opposite);
        then.run();
        if (reachable) {
            jump(past);
        }
        bind(opposite);
        otherwise.run();
        bind(past);
    }

    /// Goes on only if memory holds these bytes: a MAC address, an IPv6 address, a key.
    ///
    /// @param scratch any free register's variable
    public void require(Place place, byte[] bytes, Var scratch, Label otherwise) {
        ByteBuffer wanted = ByteBuffer.wrap(bytes);
        for (int at = 0; at < bytes.length; ) {
            int left = bytes.length - at;
            Field piece;
            long value;
            if (left >= 4) {
                piece = Field.be32("" + at, at);
                value = Integer.toUnsignedLong(wanted.getInt(at));
            } else if (left >= 2) {
                piece = Field.be16("" + at, at);
                value = Short.toUnsignedLong(wanted.getShort(at));
            } else {
                piece = Field.u8("" + at, at);
                value = wanted.get(at) & 0xff;
            }
            when(scratch.load(place, piece).ne(value), otherwise);
            at += piece.bytes();
        }
    }

    /// Compares a variable with one number after the other.
    public Choice choose(Var variable) {
        return new Choice(this, variable);
    }

    // ---- loops

    /// Renders a body once for each number below `times`: no jump, no limit of the verifier's but
    /// its size.
    public void repeat(int times, IntConsumer body) {
        for (int i = 0; i < times && reachable; i++) {
            body.accept(i);
        }
    }

    /// A loop of the program itself: counts a variable from `from` up to one below `to`, at least
    /// one pass. The verifier (Linux 5.3) walks every pass, so a million instructions have to do
    /// for all of them. What a pass reads, it has to leave in its register for the next one.
    public void loop(String label, Var counter, long from, long to, Consumer<Loop> body) {
        if (from < 0 || from >= to) {
            throw new IllegalArgumentException(
                    "loop %s cannot count from %d up to %d".formatted(label, from, to));
        }
        counter.set(from);
        Loop loop = new Loop(this, new Label(label + "_next"), new Label(label + "_done"));
        Label head = new Label(label);
        registers.widen();
        Registers before = registers.copy();
        Set<Var> reads = new HashSet<>();
        loops.add(reads);
        assembler.bind(head);
        body.accept(loop);
        bind(loop.next());
        if (reachable) {
            counter.add(1);
            emit().remark(counter.name());
            assembler.jumpIf(Condition.LT, counter.register(), Math.toIntExact(to), head);
        }
        loops.removeLast();
        if (reachable) {
            for (Var variable : reads) {
                if (before.holds(variable) && !registers.keeps(variable, before)) {
                    throw new IllegalStateException(
                            "loop %s reads '%s', but leaves something else in %s for its next pass"
                                    .formatted(label, variable.name(), variable.register()));
                }
            }
        }
        bind(loop.done());
    }

    // ---- calls

    /// Functions of the kernel under names that read well.
    public Kernel kernel() {
        return kernel;
    }

    /// Calls a function of the kernel; arguments that are not in their registers are moved there.
    ///
    /// @param result a name for what it returns, in R0
    public Var call(String result, Helper helper, Argument... arguments) {
        helper.checkArguments(arguments.length);
        Arguments.place(this, arguments);
        emit().call(helper);
        registers.called(helper.spelled());
        return argument(result, Register.R0);
    }

    /// Calls a function of this program, which is rendered once, behind it.
    ///
    /// @param result a name for what it returns, in R0
    public Var call(String result, Function function, Argument... arguments) {
        if (arguments.length != function.parameters().size()) {
            throw new IllegalArgumentException(
                    "function %s takes %s, not %d arguments"
                            .formatted(function.name(), function.parameters(), arguments.length));
        }
        Arguments.place(this, arguments);
        Label start =
                called.computeIfAbsent(
                        function,
                        _ -> {
                            toRender.add(function);
                            return new Label(function.name());
                        });
        emit().call(start);
        registers.called(function.name());
        return argument(result, Register.R0);
    }

    // ---- ends

    /// Ends the program, or the function, with a number.
    public void exit(int result) {
        emit().returns(result);
        reachable = false;
    }

    /// Ends the program, or the function, with a value.
    public void exit(Var result) {
        result.read();
        if (result.register() != Register.R0) {
            emit().mov(Register.R0, result.register());
        }
        emit().remark(result.name()).exit();
        reachable = false;
    }

    /// Goes to another program for good; the next instruction is where it went if that failed.
    public void tailCall(Var context, MapRef programs, Argument index) {
        call("failed", Helper.TAIL_CALL, context, programs, index);
    }

    /// The finished program, functions included.
    ///
    /// @throws IllegalStateException if a way runs out of it, or a label was never placed
    public Program program() {
        checkEnded(name);
        while (!toRender.isEmpty()) {
            Function function = toRender.remove();
            registers = new Registers();
            frame = frame();
            stackUsed = 0;
            reachable = true;
            assembler.bind(start(function));
            List<Var> parameters = new ArrayList<>();
            for (String parameter : function.parameters()) {
                parameters.add(argument(parameter, Register.ARGUMENTS.get(parameters.size())));
            }
            if (!function.sentence().isEmpty()) {
                note(function.sentence());
            }
            function.body().accept(parameters);
            checkEnded(function.name());
        }
        return assembler.assemble(name);
    }

    private Label start(Function function) {
        Label start = called.get(function);
        if (start == null) {
            throw new IllegalStateException("function " + function.name() + " is not called");
        }
        return start;
    }

    private void checkEnded(String what) {
        if (reachable) {
            throw new IllegalStateException(what + " has a way that does not end in an exit");
        }
    }

    // ---- within the package

    private Var frame() {
        Var pointer = new Var(this, "stack", Register.R10, null);
        registers.set(pointer, false, Long.SIZE);
        return pointer;
    }

    /// The assembler, if a way leads here.
    Assembler emit() {
        if (!reachable) {
            throw new IllegalStateException(
                    "no way leads to what comes after instruction %d of %s"
                            .formatted(assembler.size() - 1, name));
        }
        return assembler;
    }

    Content read(Var variable) {
        Content content = registers.read(variable);
        loops.forEach(reads -> reads.add(variable));
        return content;
    }

    void written(Var variable, boolean network, int bits) {
        registers.set(variable, network, bits);
    }

    /// A jump goes from here to a label.
    void arrive(Label target) {
        target.arrive(registers);
    }

    /// Puts a label here if jumps go to it.
    void bind(Label label) {
        @Nullable Registers arriving = label.state();
        if (arriving == null) {
            label.skip();
            return;
        }
        assembler.dropJump(label);
        if (reachable) {
            registers.meet(arriving, label.toString());
        } else {
            registers = arriving.copy();
        }
        reachable = true;
        assembler.bind(label);
    }
}
