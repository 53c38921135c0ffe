package org.jvs.ebpf;

import java.util.ArrayList;
import java.util.List;

/// Brings the arguments of a call into R1 to R5, in an order in which none is overwritten before it
/// is read.
final class Arguments {
    private record Move(Register to, Argument what) {
        boolean reads(Register register) {
            return what instanceof Place place && place.register() == register;
        }
    }

    private Arguments() {}

    static void place(Code code, Argument... arguments) {
        List<Move> left = new ArrayList<>();
        for (Argument argument : arguments) {
            if (argument instanceof Place place) {
                place.base().read();
            }
            left.add(new Move(Register.ARGUMENTS.get(left.size()), argument));
        }
        while (!left.isEmpty()) {
            Move next =
                    left.stream()
                            .filter(move -> isFree(move, left))
                            .findFirst()
                            .orElseThrow(() ->
                                    new IllegalStateException(
                                            "the arguments lie crosswise in the registers"
                                                    + " they have to go to: "
                                                    + left));
            left.remove(next);
            move(code, next);
        }
    }

    private static boolean isFree(Move move, List<Move> left) {
        return left.stream().noneMatch(other -> other.to != move.to && other.reads(move.to));
    }

    private static void move(Code code, Move move) {
        switch (move.what) {
            case Argument.Constant(int value) -> code.var("argument", move.to).set(value);
            case MapRef map -> code.emit().loadMap(move.to, map);
            case Var variable -> {
                if (variable.register() != move.to) {
                    code.var(variable.name(), move.to).set(variable);
                }
            }
            case Place place -> code.var("&" + place.name(), move.to).address(place);
        }
    }
}
