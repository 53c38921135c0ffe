package org.jvs.ebpf;

import java.util.List;
import java.util.Map;

/// What a program's author said about its instructions, by their number: it is for the listing
/// only.
///
/// @param targets where jumps go
/// @param labels what is bound to an instruction
/// @param notes sentences above
/// @param words beside
record Remarks(
        Map<Integer, Label> targets,
        Map<Integer, List<Label>> labels,
        Map<Integer, String> notes,
        Map<Integer, String> words) {
    Remarks {
        targets = Map.copyOf(targets);
        labels = Map.copyOf(labels);
        notes = Map.copyOf(notes);
        words = Map.copyOf(words);
    }
}
