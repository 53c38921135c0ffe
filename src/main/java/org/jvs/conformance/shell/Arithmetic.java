package org.jvs.conformance.shell;

import java.util.function.UnaryOperator;

/** Integer expressions of {@code $((...))}: {@code + - * / %} and parentheses. */
final class Arithmetic {
    private final String text;
    private final UnaryOperator<String> variables;
    private int at;

    private Arithmetic(String text, UnaryOperator<String> variables) {
        this.text = text;
        this.variables = variables;
    }

    static long evaluate(String text, UnaryOperator<String> variables) {
        Arithmetic expression = new Arithmetic(text.replaceAll("\\s", ""), variables);
        long value = expression.sum();
        if (expression.at < expression.text.length()) {
            throw expression.unknown();
        }
        return value;
    }

    private MissingFeature unknown() {
        return new MissingFeature("shell arithmetic '" + text + "'");
    }

    private boolean take(char c) {
        boolean there = at < text.length() && text.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private long sum() {
        long value = product();
        while (true) {
            if (take('+')) {
                value += product();
            } else if (take('-')) {
                value -= product();
            } else {
                return value;
            }
        }
    }

    private long product() {
        long value = atom();
        while (true) {
            if (take('*')) {
                value *= atom();
            } else if (take('/')) {
                value /= atom();
            } else if (take('%')) {
                value %= atom();
            } else {
                return value;
            }
        }
    }

    private long atom() {
        if (take('-')) {
            return -atom();
        }
        if (take('(')) {
            long value = sum();
            if (!take(')')) {
                throw unknown();
            }
            return value;
        }
        take('$');
        int from = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
            at++;
        }
        String word = text.substring(from, at);
        if (word.isEmpty()) {
            throw unknown();
        }
        String value = Character.isDigit(word.charAt(0)) ? word : variables.apply(word);
        return value.isEmpty() ? 0 : Long.decode(value);
    }
}
