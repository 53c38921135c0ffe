package org.jvs.ebpf;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Makes the rows of a [Listing].
final class Disassembler {
    private final List<Instruction> instructions;
    private final Map<Integer, MapRef> maps;
    private final Remarks remarks;
    private final BitSet targets = new BitSet();

    /// @param maps those that instructions use by name
    Disassembler(List<Instruction> instructions, Map<Integer, MapRef> maps, Remarks remarks) {
        this.instructions = instructions;
        this.maps = maps;
        this.remarks = remarks;
        for (int i = 0; i < instructions.size(); i++) {
            Integer target = target(i);
            if (target != null) {
                targets.set(target);
            }
            i += instructions.get(i).isWide() ? 1 : 0;
        }
    }

    /// Where an instruction may jump to; null if nowhere, or out of the program.
    private @Nullable Integer target(int index) {
        Integer distance = instructions.get(index).distance();
        if (distance == null) {
            return null;
        }
        int target = index + 1 + distance;
        return target < 0 || target >= instructions.size() ? null : (Integer) target;
    }

    List<Listing.Row> rows() {
        List<Listing.Row> rows = new ArrayList<>();
        for (int i = 0; i < instructions.size(); i++) {
            Instruction instruction = instructions.get(i);
            rows.add(
                    new Listing.Row(
                            i,
                            label(i),
                            remarks.notes().getOrDefault(i, ""),
                            text(i, instruction),
                            remarks.words().getOrDefault(i, "")));
            i += instruction.isWide() ? 1 : 0;
        }
        return rows;
    }

    private String label(int index) {
        String named =
                remarks.labels().getOrDefault(index, List.of()).stream()
                        .map(Label::name)
                        .filter(name -> !name.isEmpty())
                        .collect(Collectors.joining(", "));
        return named.isEmpty() && targets.get(index) ? "L" + index : named;
    }

    private String text(int index, Instruction instruction) {
        int after = index + 1;
        Instruction next =
                after < instructions.size() && instruction.isWide()
                        ? instructions.get(after)
                        : instruction;
        Label named = remarks.targets().get(index);
        Integer target = target(index);
        String where = "";
        if (target != null) {
            where = named == null || named.name().isEmpty() ? label(target) : named.name();
        }
        MapRef map = maps.get(index);
        return Notation.text(instruction, next, where, map == null ? "" : map.name());
    }
}
