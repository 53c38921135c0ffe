package org.jvs.conformance.shell;

import java.util.List;

/** The tree of a command line (POSIX.1-2017, Shell Command Language, section 2.9). */
sealed interface Syntax {
    /** A command with its words, assignments before it and redirections anywhere. */
    record Simple(List<Assignment> assignments, List<Word> words, List<Redirect> redirects)
            implements Syntax {}

    /** Commands joined by {@code |}. */
    record Pipeline(List<Syntax> parts) implements Syntax {}

    /** {@code left && right} or, with {@code and} false, {@code left || right}. */
    record Junction(Syntax left, boolean and, Syntax right) implements Syntax {}

    /** Commands one after the other. */
    record Sequence(List<Syntax> parts) implements Syntax {}

    /** A command started with {@code &}. */
    record Background(Syntax command) implements Syntax {}

    /** {@code ! command}. */
    record Negation(Syntax command) implements Syntax {}

    /** {@code for name in words; do body; done}. */
    record For(String name, List<Word> words, Syntax body) implements Syntax {}

    /** {@code while condition; do body; done}, or until. */
    record While(Syntax condition, boolean until, Syntax body) implements Syntax {}

    /** {@code if condition; then body; else otherwise; fi}. */
    record If(Syntax condition, Syntax body, Syntax otherwise) implements Syntax {}

    /** {@code ( body )} or {@code { body; }}, with redirections. */
    record Group(Syntax body, List<Redirect> redirects) implements Syntax {}

    /** {@code name=value}. */
    record Assignment(String name, Word value) {}

    /** A redirection of a file descriptor: operator one of {@code < > >> >&}. */
    record Redirect(int descriptor, String operator, Word target) {}

    /** A word, in parts that are quoted or not. */
    record Word(List<Part> parts) {}

    /** A part of a word. */
    sealed interface Part {
        boolean quoted();

        /** Text as it stands. */
        record Literal(String text, boolean quoted) implements Part {}

        /** {@code $name}. */
        record Variable(String name, boolean quoted) implements Part {}

        /** {@code $(command)}. */
        record Substitution(Syntax command, boolean quoted) implements Part {}

        /** {@code $((expression))}. */
        record Arithmetic(String expression, boolean quoted) implements Part {}
    }
}
