package org.jvs.ebpf;

import java.util.List;
import java.util.function.Consumer;

/// A function of a program (bpf-to-bpf call): it is in the program once, however often it is
/// called, has R6 to R9 and a stack of its own, and nothing of its caller's but up to five
/// arguments. Its body ends with [Code#exit].
///
/// @param sentence for the listing
/// @param parameters names of the arguments, which are in R1 to R5
/// @param body emits the function; gets the parameters as variables
public record Function(
        String name, String sentence, List<String> parameters, Consumer<List<Var>> body) {
    /// Refuses more than five parameters.
    public Function {
        parameters = List.copyOf(parameters);
        if (parameters.size() > Register.ARGUMENTS.size()) {
            throw new IllegalArgumentException(
                    "function " + name + " has more than five parameters: " + parameters);
        }
    }
}
