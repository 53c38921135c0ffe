package org.jvs.ebpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// A program as people read it, in the notation of the verifier's log, with the names and sentences
/// that its author gave:
///
/// ```
/// reply:
///        ; a realserver's answer to this machine itself is no reply to a client
///    57: r2 = *(u64 *)(r10 -64)                   to = stack.to flags
///    58: if r2 & 4 goto pass                      to
/// ```
///
/// Nothing is rendered before it is asked for, so that one can be handed over with every program
/// that is loaded.
public final class Listing {
    private static final int REMARK_COLUMN = 48;

    /// One instruction.
    ///
    /// @param index its number, as the verifier counts: 64-bit constants count as two
    /// @param label names bound to it, separated by a comma; empty if there are none
    /// @param note sentences about it and what follows; empty if there are none
    /// @param text the instruction
    /// @param remark the variables and fields it is about; empty if none are known
    public record Row(int index, String label, String note, String text, String remark) {}

    private final String name;
    private final Supplier<List<Row>> render;

    Listing(String name, Supplier<List<Row>> render) {
        this.name = name;
        this.render = render;
    }

    /// A listing that was rendered elsewhere.
    public static Listing of(String name, List<Row> rows) {
        List<Row> copy = List.copyOf(rows);
        return new Listing(name, () -> copy);
    }

    /// The listing of any program from its bytes, of which nothing but the instructions is known.
    /// What is no instruction is shown as its number.
    ///
    /// @throws IllegalArgumentException if the bytes are not a whole number of instructions
    public static Listing ofCode(String name, byte[] code) {
        if (code.length % Instruction.BYTES != 0) {
            throw new IllegalArgumentException(
                    "a program of " + code.length + " bytes is not a number of instructions");
        }
        ByteBuffer bytes = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN);
        List<Instruction> instructions = new ArrayList<>();
        while (bytes.hasRemaining()) {
            instructions.add(Instruction.decode(bytes));
        }
        Remarks none = new Remarks(Map.of(), Map.of(), Map.of(), Map.of());
        return of(name, new Disassembler(instructions, Map.of(), none).rows());
    }

    /// The program's name.
    public String name() {
        return name;
    }

    /// Its instructions in order.
    public List<Row> rows() {
        return render.get();
    }

    /// The text, a line for each label, note and instruction.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Row row : rows()) {
            if (!row.label.isEmpty()) {
                text.append(row.label).append(":\n");
            }
            if (!row.note.isEmpty()) {
                text.append("       ; ").append(row.note).append('\n');
            }
            int start = text.length();
            String index = Integer.toString(row.index);
            text.repeat(' ', Math.max(0, 5 - index.length())).append(index).append(": ");
            text.append(row.text);
            if (!row.remark.isEmpty()) {
                int width = text.length() - start;
                text.repeat(' ', Math.max(2, REMARK_COLUMN - width)).append(row.remark);
            }
            text.append('\n');
        }
        return text.toString();
    }
}
