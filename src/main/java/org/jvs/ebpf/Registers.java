package org.jvs.ebpf;

import java.util.EnumMap;
import java.util.Map;

/// Which variable is in which register at the present place of a program that is being built. It is
/// what turns "the call destroyed r2" and "on the other way r7 was never set" from a wrong packet
/// into an exception of the program's author.
final class Registers {
    private final Map<Register, Content> contents = new EnumMap<>(Register.class);

    /// Why a register holds nothing, for messages.
    private final Map<Register, String> lost = new EnumMap<>(Register.class);

    Registers copy() {
        Registers copy = new Registers();
        copy.contents.putAll(contents);
        copy.lost.putAll(lost);
        return copy;
    }

    void set(Var variable, boolean network, int bits) {
        contents.put(variable.register(), new Content(variable, network, bits));
    }

    boolean holds(Var variable) {
        Content content = contents.get(variable.register());
        return content != null && content.variable() == variable;
    }

    /// What a variable's register holds, which is the variable.
    ///
    /// @throws IllegalStateException if it is not there, saying why
    Content read(Var variable) {
        Content content = contents.get(variable.register());
        if (content != null && content.variable() == variable) {
            return content;
        }
        String register = "r" + variable.register().number();
        String why;
        if (content != null) {
            why = register + " was taken by '" + content.variable().name() + "'";
        } else {
            why = lost.getOrDefault(variable.register(), register + " was never set");
        }
        throw new IllegalStateException(
                "variable '" + variable.name() + "' has no value here: " + why);
    }

    /// A call leaves nothing in R0 to R5.
    void called(String callee) {
        for (Register register : Register.SCRATCH) {
            contents.remove(register);
            lost.put(register, "r" + register.number() + " does not survive the call of " + callee);
        }
    }

    /// Keeps what is the same on another way to here.
    void meet(Registers other, String label) {
        for (Register register : Register.values()) {
            Content here = contents.get(register);
            Content there = other.contents.get(register);
            if (here != null && there != null && here.sameAs(there)) {
                contents.put(register, here.or(there));
                continue;
            }
            Content one = here != null ? here : there;
            if (one != null) {
                contents.remove(register);
                lost.put(
                        register,
                        "r%d holds '%s' on some ways to %s only"
                                .formatted(register.number(), one.variable().name(), label));
            }
        }
    }

    /// At the head of a loop nothing is known of widths, because the next pass may change them.
    void widen() {
        contents.replaceAll((_, content) ->
                content.network() ? content : new Content(content.variable(), false, Long.SIZE));
    }

    /// Whether a variable is there as it was in an earlier state.
    boolean keeps(Var variable, Registers earlier) {
        Content before = earlier.contents.get(variable.register());
        Content now = contents.get(variable.register());
        return before != null && now != null && before.sameAs(now);
    }
}
