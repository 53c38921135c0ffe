package org.jvs.ebpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/// An assembled program: its bytes for the kernel, and a listing for people.
public final class Program {
    private static final int NOTE_COLUMN = 48;

    private final String name;
    private final List<Instruction> instructions;
    private final Map<Integer, Label> targets;
    private final Map<Integer, List<Label>> labels;
    private final Map<Integer, String> notes;

    Program(
            String name,
            List<Instruction> instructions,
            Map<Integer, Label> targets,
            Map<Integer, List<Label>> labels,
            Map<Integer, String> notes) {
        this.name = name;
        this.instructions = instructions;
        this.targets = Map.copyOf(targets);
        this.labels = Map.copyOf(labels);
        this.notes = Map.copyOf(notes);
    }

    public String name() {
        return name;
    }

    /// Number of instructions; the kernel takes at most a million.
    public int size() {
        return instructions.size();
    }

    /// The instructions as bpf(2) takes them.
    public byte[] code() {
        ByteBuffer bytes =
                ByteBuffer.allocate(instructions.size() * Instruction.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        instructions.forEach(i -> i.encode(bytes));
        return bytes.array();
    }

    /// The program as text in the manner of the verifier's log: labels, numbered instructions,
    /// notes.
    public String listing() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < instructions.size(); i++) {
            for (Label label : labels.getOrDefault(i, List.of())) {
                text.append(label.name()).append(":\n");
            }
            int start = text.length();
            Instruction instruction = instructions.get(i);
            Instruction next = instruction.isWide() ? instructions.get(i + 1) : instruction;
            Label target = targets.get(i);
            text.append(String.format("%5d: ", i));
            text.append(Disassembler.text(instruction, next, target == null ? "" : target.name()));
            String note = notes.get(i);
            if (note != null) {
                int width = text.length() - start;
                text.append(" ".repeat(Math.max(1, NOTE_COLUMN - width))).append("; ").append(note);
            }
            text.append('\n');
            if (instruction.isWide()) {
                i++;
            }
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return name + " (" + size() + " instructions)";
    }
}
