package org.jvs.conformance.shell;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.jvs.conformance.shell.Syntax.Part;
import org.jvs.conformance.shell.Syntax.Redirect;
import org.jvs.conformance.shell.Syntax.Word;

/**
 * Runs command lines in one process, over {@link Files} and a table of {@link Program}s. Messages
 * are those of dash, in which the recordings were made. A background command runs at once; it gets
 * a process number, which programs that stay (servers) are told and {@code kill} is given.
 */
public final class Shell {
    /** What makes a word a pattern for file names. */
    private static final Pattern WILD = Pattern.compile("[*?]|\\[.+\\]");

    private final Files files;
    private final Map<String, Program> programs;
    private final Map<String, String> variables = new HashMap<>();
    private String directory = "/";
    private int status;
    private int nextProcess = 100;
    private int background;

    /** A shell over files and programs; {@code cd} and redirection are its own. */
    public Shell(Files files, Map<String, Program> programs) {
        this.files = files;
        this.programs = programs;
    }

    /**
     * Runs one command line in the root directory.
     *
     * @return the exit status
     * @throws MissingFeature for syntax or a command that is not known here
     */
    public int run(String line, Streams streams) {
        directory = "/";
        status = 0;
        return execute(ShellParser.parse(line), streams);
    }

    /** The process number of the background command that is being started, 0 in the foreground. */
    public int backgroundProcess() {
        return background;
    }

    /** A path as given, made absolute. */
    public String absolute(String path) {
        String joined = path.startsWith("/") ? path : directory + "/" + path;
        List<String> parts = new ArrayList<>();
        for (String part : joined.split("/")) {
            if (part.equals("..") && !parts.isEmpty()) {
                parts.removeLast();
            } else if (!part.isEmpty() && !part.equals(".") && !part.equals("..")) {
                parts.add(part);
            }
        }
        return "/" + String.join("/", parts);
    }

    private int execute(Syntax node, Streams streams) {
        status =
                switch (node) {
                    case Syntax.Simple simple -> simple(simple, streams);
                    case Syntax.Pipeline pipeline -> pipeline(pipeline, streams);
                    case Syntax.Junction junction -> {
                        int left = execute(junction.left(), streams);
                        yield (left == 0) == junction.and()
                                ? execute(junction.right(), streams)
                                : left;
                    }
                    case Syntax.Sequence sequence -> {
                        int last = status;
                        for (Syntax part : sequence.parts()) {
                            last = execute(part, streams);
                        }
                        yield last;
                    }
                    case Syntax.Background started -> {
                        background = nextProcess++;
                        variables.put("!", Integer.toString(background));
                        execute(started.command(), new Streams("", streams.out(), streams.err()));
                        background = 0;
                        yield 0;
                    }
                    case Syntax.Negation negation ->
                            execute(negation.command(), streams) == 0 ? 1 : 0;
                    case Syntax.For loop -> forLoop(loop, streams);
                    case Syntax.While loop -> whileLoop(loop, streams);
                    case Syntax.If branch ->
                            execute(branch.condition(), streams) == 0
                                    ? execute(branch.body(), streams)
                                    : execute(branch.otherwise(), streams);
                    case Syntax.Group group ->
                            redirected(
                                    group.redirects(),
                                    "",
                                    streams,
                                    inner -> execute(group.body(), inner));
                };
        return status;
    }

    private int forLoop(Syntax.For loop, Streams streams) {
        int last = 0;
        for (String value : fields(loop.words(), streams)) {
            variables.put(loop.name(), value);
            last = execute(loop.body(), streams);
        }
        return last;
    }

    private int whileLoop(Syntax.While loop, Streams streams) {
        int last = 0;
        int rounds = 0;
        while ((execute(loop.condition(), streams) == 0) != loop.until()) {
            last = execute(loop.body(), streams);
            if (++rounds > 100_000) {
                throw new MissingFeature("a shell loop that ends by real time");
            }
        }
        return last;
    }

    private int pipeline(Syntax.Pipeline pipeline, Streams streams) {
        String in = streams.in();
        int last = 0;
        for (int i = 0; i < pipeline.parts().size(); i++) {
            boolean end = i == pipeline.parts().size() - 1;
            StringBuilder out = end ? streams.out() : new StringBuilder();
            last = execute(pipeline.parts().get(i), new Streams(in, out, streams.err()));
            in = out.toString();
        }
        return last;
    }

    private int simple(Syntax.Simple simple, Streams streams) {
        int before = status;
        List<String> words = fields(simple.words(), streams);
        for (Syntax.Assignment assignment : simple.assignments()) {
            variables.put(assignment.name(), single(assignment.value(), streams));
        }
        String name = words.isEmpty() ? "" : words.get(0);
        status = before;
        return redirected(simple.redirects(), name, streams, inner -> call(words, inner));
    }

    private int call(List<String> words, Streams streams) {
        if (words.isEmpty()) {
            return 0;
        }
        String name = words.get(0);
        if (name.equals("cd")) {
            String target = absolute(words.size() > 1 ? words.get(1) : "/");
            if (files.list(target) == null) {
                streams.err().append("sh: 1: cd: can't cd to ").append(words.get(1)).append('\n');
                return 2;
            }
            directory = target;
            return 0;
        }
        Program program = programs.get(name.substring(name.lastIndexOf('/') + 1));
        if (program == null) {
            throw new MissingFeature("shell command " + name);
        }
        return program.run(words, streams);
    }

    private interface Body {
        int run(Streams streams);
    }

    private int redirected(List<Redirect> redirects, String name, Streams streams, Body body) {
        if (redirects.isEmpty()) {
            return body.run(streams);
        }
        String in = streams.in();
        StringBuilder out = streams.out();
        StringBuilder err = streams.err();
        Map<StringBuilder, String> written = new HashMap<>();
        Map<String, StringBuilder> targets = new HashMap<>();
        for (Redirect redirect : redirects) {
            String word = single(redirect.target(), streams);
            if (redirect.operator().equals("<")) {
                String contents = readable(word);
                if (contents == null) {
                    return complain(streams, "open", word, "No such file");
                }
                in = contents;
                continue;
            }
            StringBuilder target;
            if (redirect.operator().equals(">&")) {
                target = word.equals("1") ? out : word.equals("2") ? err : null;
                if (target == null) {
                    throw new MissingFeature("shell redirection >&" + word);
                }
            } else {
                String path = absolute(word);
                if (!path.equals("/dev/null") && !files.canWrite(path)) {
                    return complain(streams, "create", word, "Directory nonexistent");
                }
                target = targets.computeIfAbsent(path, _ -> new StringBuilder());
                if (redirect.operator().equals(">>")) {
                    target.append(Objects.requireNonNullElse(files.read(path), ""));
                }
                written.put(target, path);
            }
            if (redirect.descriptor() == 2) {
                err = target;
            } else {
                out = target;
            }
        }
        int result = body.run(new Streams(in, out, err));
        for (Map.Entry<StringBuilder, String> entry : written.entrySet()) {
            if (!entry.getValue().equals("/dev/null")
                    && !files.write(entry.getValue(), entry.getKey().toString())) {
                streams.err().append("sh: 1: ").append(name).append(": ").append(name);
                streams.err().append(": I/O error\n");
                result = 1;
            }
        }
        return result;
    }

    /** The recorder's loop passes the line to {@code eval}, and so its name is in the message. */
    private static int complain(Streams streams, String verb, String file, String why) {
        streams.err().append("sh: 1: eval: cannot ").append(verb).append(' ').append(file);
        streams.err().append(": ").append(why).append('\n');
        return 2;
    }

    private @Nullable String readable(String word) {
        String path = absolute(word);
        return path.equals("/dev/null") ? "" : files.read(path);
    }

    /** Words after expansion, field splitting and pathname expansion. */
    private List<String> fields(List<Word> words, Streams streams) {
        List<String> fields = new ArrayList<>();
        for (Word word : words) {
            fields.addAll(expand(word, streams));
        }
        return fields;
    }

    private List<String> expand(Word word, Streams streams) {
        List<String> done = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        StringBuilder pattern = new StringBuilder();
        boolean begun = false;
        boolean globbing = false;
        for (Part part : word.parts()) {
            String value = value(part, streams);
            boolean literal = part instanceof Part.Literal;
            if (part.quoted() || literal) {
                begun |= part.quoted() || !value.isEmpty();
                field.append(value);
                boolean wild = !part.quoted() && WILD.matcher(value).find();
                globbing |= wild;
                pattern.append(wild ? glob(value) : Pattern.quote(value));
                continue;
            }
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (c != ' ' && c != '\t' && c != '\n') {
                    field.append(c);
                    pattern.append(Pattern.quote(String.valueOf(c)));
                    begun = true;
                } else if (begun) {
                    done.add(field.toString());
                    field.setLength(0);
                    pattern.setLength(0);
                    begun = false;
                }
            }
        }
        if (begun) {
            List<String> matches =
                    globbing ? matches(field.toString(), pattern.toString()) : List.of();
            if (matches.isEmpty()) {
                done.add(field.toString());
            } else {
                done.addAll(matches);
            }
        }
        return done;
    }

    private static String glob(String text) {
        StringBuilder pattern = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int end = c == '[' ? text.indexOf(']', i + 2) : -1;
            if (end > 0) {
                String set = text.substring(i + 1, end).replace("\\", "\\\\").replace("[", "\\[");
                pattern.append('[').append(set.replaceFirst("^!", "^")).append(']');
                i = end;
            } else {
                pattern.append(
                        switch (c) {
                            case '*' -> "[^/]*";
                            case '?' -> "[^/]";
                            default -> Pattern.quote(String.valueOf(c));
                        });
            }
        }
        return pattern.toString();
    }

    private List<String> matches(String field, String pattern) {
        int slash = field.lastIndexOf('/');
        String prefix = field.substring(0, slash + 1);
        Collection<String> names = files.list(absolute(prefix.isEmpty() ? "." : prefix));
        if (names == null) {
            return List.of();
        }
        Pattern compiled = Pattern.compile(pattern);
        return names.stream()
                .filter(name -> !name.startsWith("."))
                .map(name -> prefix + name)
                .filter(name -> compiled.matcher(name).matches())
                .sorted()
                .toList();
    }

    private String single(Word word, Streams streams) {
        StringBuilder joined = new StringBuilder();
        for (Part part : word.parts()) {
            joined.append(value(part, streams));
        }
        return joined.toString();
    }

    private String value(Part part, Streams streams) {
        return switch (part) {
            case Part.Literal literal -> literal.text();
            case Part.Variable variable -> variable(variable.name());
            case Part.Substitution substitution -> {
                StringBuilder out = new StringBuilder();
                execute(substitution.command(), new Streams(streams.in(), out, streams.err()));
                yield out.toString().replaceFirst("\n+$", "");
            }
            case Part.Arithmetic arithmetic ->
                    Long.toString(Arithmetic.evaluate(arithmetic.expression(), this::variable));
        };
    }

    private String variable(String name) {
        return name.equals("?")
                ? Integer.toString(status)
                : Objects.requireNonNullElse(variables.get(name), "");
    }
}
