package org.jvs.conformance.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jvs.conformance.shell.Syntax.Part;
import org.jvs.conformance.shell.Syntax.Redirect;
import org.jvs.conformance.shell.Syntax.Word;

/** Turns a command line into its tree, by recursive descent over its characters. */
final class ShellParser {
    private static final Set<String> ENDS =
            Set.of("done", "fi", "then", "else", "elif", "do", "}", ")");

    private final String text;
    private int at;

    private ShellParser(String text) {
        this.text = text;
    }

    /** The tree of a whole text. */
    static Syntax parse(String text) {
        ShellParser parser = new ShellParser(text);
        Syntax tree = parser.list();
        if (parser.at < text.length()) {
            throw parser.unknown();
        }
        return tree;
    }

    private MissingFeature unknown() {
        return new MissingFeature("shell syntax at '" + text.substring(at) + "'");
    }

    private Syntax list() {
        List<Syntax> parts = new ArrayList<>();
        while (true) {
            skipBlanks(true);
            if (at >= text.length() || ENDS.contains(peekWord())) {
                break;
            }
            Syntax command = junction();
            skipBlanks(false);
            if (looking("&") && !looking("&&")) {
                at++;
                command = new Syntax.Background(command);
            } else if (looking(";")) {
                at++;
            }
            parts.add(command);
        }
        return parts.size() == 1 ? parts.get(0) : new Syntax.Sequence(parts);
    }

    private Syntax junction() {
        Syntax left = pipeline();
        while (true) {
            skipBlanks(false);
            boolean and = looking("&&");
            if (!and && !looking("||")) {
                return left;
            }
            at += 2;
            skipBlanks(true);
            left = new Syntax.Junction(left, and, pipeline());
        }
    }

    private Syntax pipeline() {
        skipBlanks(true);
        if (peekWord().equals("!")) {
            at++;
            return new Syntax.Negation(pipeline());
        }
        List<Syntax> parts = new ArrayList<>();
        parts.add(command());
        skipBlanks(false);
        while (looking("|") && !looking("||")) {
            at++;
            skipBlanks(true);
            parts.add(command());
            skipBlanks(false);
        }
        return parts.size() == 1 ? parts.get(0) : new Syntax.Pipeline(parts);
    }

    private Syntax command() {
        return switch (peekWord()) {
            case "for" -> forLoop();
            case "while", "until" -> whileLoop();
            case "if" -> conditional();
            case "{" -> group("{", "}");
            case "(" -> group("(", ")");
            default -> simple();
        };
    }

    private Syntax group(String open, String close) {
        expect(open);
        Syntax body = list();
        expect(close);
        return new Syntax.Group(body, redirects());
    }

    private Syntax forLoop() {
        expect("for");
        skipBlanks(false);
        String name = name();
        expect("in");
        List<Word> words = new ArrayList<>();
        skipBlanks(false);
        while (!atOperator()) {
            words.add(word());
            skipBlanks(false);
        }
        Syntax body = doBody();
        return redirected(new Syntax.For(name, words, body));
    }

    private Syntax whileLoop() {
        boolean until = peekWord().equals("until");
        expect(until ? "until" : "while");
        Syntax condition = list();
        return redirected(new Syntax.While(condition, until, doBody()));
    }

    private Syntax doBody() {
        skipBlanks(true);
        if (looking(";")) {
            at++;
        }
        expect("do");
        Syntax body = list();
        expect("done");
        return body;
    }

    private Syntax conditional() {
        at += peekWord().length();
        Syntax condition = list();
        expect("then");
        Syntax body = list();
        skipBlanks(true);
        Syntax otherwise = new Syntax.Sequence(List.of());
        if (peekWord().equals("elif")) {
            return new Syntax.If(condition, body, conditional());
        }
        if (peekWord().equals("else")) {
            expect("else");
            otherwise = list();
        }
        expect("fi");
        return new Syntax.If(condition, body, otherwise);
    }

    private Syntax redirected(Syntax command) {
        List<Redirect> redirects = redirects();
        return redirects.isEmpty() ? command : new Syntax.Group(command, redirects);
    }

    private List<Redirect> redirects() {
        List<Redirect> redirects = new ArrayList<>();
        skipBlanks(false);
        while (atRedirect()) {
            redirects.add(redirect());
            skipBlanks(false);
        }
        return redirects;
    }

    private Syntax simple() {
        List<Syntax.Assignment> assignments = new ArrayList<>();
        List<Word> words = new ArrayList<>();
        List<Redirect> redirects = new ArrayList<>();
        while (true) {
            skipBlanks(false);
            if (atRedirect()) {
                redirects.add(redirect());
            } else if (atOperator()) {
                break;
            } else {
                int equals = words.isEmpty() ? assignmentLength() : 0;
                if (equals > 0) {
                    String name = text.substring(at, at + equals);
                    at += equals + 1;
                    assignments.add(
                            new Syntax.Assignment(
                                    name,
                                    atOperator() || atSpace() ? new Word(List.of()) : word()));
                } else {
                    words.add(word());
                }
            }
        }
        if (words.isEmpty() && assignments.isEmpty() && redirects.isEmpty()) {
            throw unknown();
        }
        return new Syntax.Simple(assignments, words, redirects);
    }

    private int assignmentLength() {
        int end = at;
        while (end < text.length() && isNameChar(text.charAt(end))) {
            end++;
        }
        boolean name = end > at && !Character.isDigit(text.charAt(at));
        return name && end < text.length() && text.charAt(end) == '=' ? end - at : 0;
    }

    private boolean atRedirect() {
        int from = at;
        while (from < text.length() && Character.isDigit(text.charAt(from))) {
            from++;
        }
        return from < text.length() && (text.charAt(from) == '<' || text.charAt(from) == '>');
    }

    private Redirect redirect() {
        int from = at;
        while (Character.isDigit(text.charAt(at))) {
            at++;
        }
        String number = text.substring(from, at);
        for (String operator : List.of(">>", ">&", "<&", "<", ">")) {
            if (looking(operator)) {
                at += operator.length();
                skipBlanks(false);
                int standard = operator.startsWith("<") ? 0 : 1;
                int descriptor = number.isEmpty() ? standard : Integer.parseInt(number);
                return new Redirect(descriptor, operator, word());
            }
        }
        throw unknown();
    }

    private Word word() {
        List<Part> parts = new ArrayList<>();
        StringBuilder plain = new StringBuilder();
        while (at < text.length() && !atSpace() && !atOperator()) {
            char c = text.charAt(at);
            if (c == '\'') {
                flush(plain, parts);
                int end = text.indexOf('\'', at + 1);
                if (end < 0) {
                    throw unknown();
                }
                parts.add(new Part.Literal(text.substring(at + 1, end), true));
                at = end + 1;
            } else if (c == '"') {
                flush(plain, parts);
                doubleQuoted(parts);
            } else if (c == '\\' && at + 1 < text.length()) {
                flush(plain, parts);
                parts.add(new Part.Literal(text.substring(at + 1, at + 2), true));
                at += 2;
            } else if (c == '$' && expands()) {
                flush(plain, parts);
                parts.add(expansion(false));
            } else {
                plain.append(c);
                at++;
            }
        }
        flush(plain, parts);
        return new Word(parts);
    }

    private void doubleQuoted(List<Part> parts) {
        at++;
        StringBuilder literal = new StringBuilder();
        while (true) {
            if (at >= text.length()) {
                throw unknown();
            }
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                break;
            }
            if (c == '\\'
                    && at + 1 < text.length()
                    && "$`\"\\\n".indexOf(text.charAt(at + 1)) >= 0) {
                literal.append(text.charAt(at + 1));
                at += 2;
            } else if (c == '$' && expands()) {
                parts.add(new Part.Literal(literal.toString(), true));
                literal.setLength(0);
                parts.add(expansion(true));
            } else {
                literal.append(c);
                at++;
            }
        }
        parts.add(new Part.Literal(literal.toString(), true));
    }

    private static void flush(StringBuilder plain, List<Part> parts) {
        if (!plain.isEmpty()) {
            parts.add(new Part.Literal(plain.toString(), false));
            plain.setLength(0);
        }
    }

    private boolean expands() {
        if (at + 1 >= text.length()) {
            return false;
        }
        char next = text.charAt(at + 1);
        return isNameChar(next) || "?!$#@*({".indexOf(next) >= 0;
    }

    private Part expansion(boolean quoted) {
        at++;
        if (looking("((")) {
            int end = text.indexOf("))", at);
            if (end < 0) {
                throw unknown();
            }
            String expression = text.substring(at + 2, end);
            at = end + 2;
            return new Part.Arithmetic(expression, quoted);
        }
        if (looking("(")) {
            at++;
            Syntax command = list();
            expect(")");
            return new Part.Substitution(command, quoted);
        }
        if (looking("{")) {
            int end = text.indexOf('}', at);
            String name = end < 0 ? "" : text.substring(at + 1, end);
            if (name.isEmpty() || !name.chars().allMatch(c -> isNameChar((char) c))) {
                throw unknown();
            }
            at = end + 1;
            return new Part.Variable(name, quoted);
        }
        if (!isNameChar(text.charAt(at)) || Character.isDigit(text.charAt(at))) {
            at++;
            return new Part.Variable(text.substring(at - 1, at), quoted);
        }
        return new Part.Variable(name(), quoted);
    }

    private String name() {
        int from = at;
        while (at < text.length() && isNameChar(text.charAt(at))) {
            at++;
        }
        return text.substring(from, at);
    }

    private static boolean isNameChar(char c) {
        return c == '_' || (c < 128 && Character.isLetterOrDigit(c));
    }

    private boolean looking(String what) {
        return text.startsWith(what, at);
    }

    private boolean atSpace() {
        return at < text.length() && Character.isWhitespace(text.charAt(at));
    }

    private boolean atOperator() {
        return at >= text.length() || "|&;()<>\n".indexOf(text.charAt(at)) >= 0;
    }

    /** The next word or parenthesis, without moving. */
    private String peekWord() {
        if (at < text.length() && (text.charAt(at) == '(' || text.charAt(at) == ')')) {
            return text.substring(at, at + 1);
        }
        int end = at;
        while (end < text.length()
                && !Character.isWhitespace(text.charAt(end))
                && "|&;()<>".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return text.substring(at, end);
    }

    private void expect(String word) {
        skipBlanks(true);
        if (!peekWord().equals(word)) {
            throw unknown();
        }
        at += word.length();
    }

    private void skipBlanks(boolean lines) {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (c == '\\' && at + 1 < text.length() && text.charAt(at + 1) == '\n') {
                at += 2;
            } else if (c == ' ' || c == '\t' || (lines && c == '\n')) {
                at++;
            } else {
                return;
            }
        }
    }
}
