package org.jvs.conformance.shell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The small commands on text: as much of each as scripts of tests use. */
public final class TextTools {
    private final Files files;
    private Shell shell;

    /** Tools over some files; {@link #bind} must follow. */
    @SuppressWarnings("NullAway") // shell and tools know each other; bind() completes the pair
    public TextTools(Files files) {
        this.files = files;
    }

    /** Tells the tools whose working directory counts. */
    public void bind(Shell owner) {
        shell = owner;
    }

    /** Adds the tools to a table of programs. */
    public void addTo(Map<String, Program> programs) {
        programs.put("echo", TextTools::echo);
        programs.put("printf", TextTools::printf);
        programs.put("true", (_, _) -> 0);
        programs.put(":", (_, _) -> 0);
        programs.put("false", (_, _) -> 1);
        programs.put("cat", this::cat);
        programs.put("sort", this::sort);
        programs.put("uniq", this::uniq);
        programs.put("grep", this::grep);
        programs.put("head", this::headOrTail);
        programs.put("tail", this::headOrTail);
        programs.put("wc", this::wc);
        programs.put("diff", this::diff);
        programs.put("rm", this::rm);
        programs.put("seq", TextTools::seq);
        programs.put("tr", TextTools::tr);
        programs.put("test", TextTools::test);
        programs.put("[", TextTools::test);
    }

    private static int echo(List<String> words, Streams streams) {
        boolean bare = words.size() > 1 && words.get(1).equals("-n");
        String text = String.join(" ", words.subList(bare ? 2 : 1, words.size()));
        streams.out().append(escapes(text)).append(bare ? "" : "\n");
        return 0;
    }

    /** Backslash escapes as dash's echo and printf read them. */
    private static String escapes(String text) {
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                s.append(c);
                continue;
            }
            char next = text.charAt(++i);
            switch (next) {
                case 'n' -> s.append('\n');
                case 't' -> s.append('\t');
                case 'r' -> s.append('\r');
                case '\\' -> s.append('\\');
                case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                    int end = i;
                    while (end < text.length()
                            && end < i + (next == '0' ? 4 : 3)
                            && Character.digit(text.charAt(end), 8) >= 0) {
                        end++;
                    }
                    s.append((char) Integer.parseInt(text.substring(i, end), 8));
                    i = end - 1;
                }
                default -> s.append('\\').append(next);
            }
        }
        return s.toString();
    }

    private static int printf(List<String> words, Streams streams) {
        int first = words.size() > 1 && words.get(1).equals("--") ? 2 : 1;
        if (words.size() <= first) {
            return 2;
        }
        String format = words.get(first);
        List<String> arguments = words.subList(first + 1, words.size());
        int used = 0;
        do {
            int before = used;
            StringBuilder s = new StringBuilder();
            for (int i = 0; i < format.length(); i++) {
                char c = format.charAt(i);
                if (c != '%') {
                    s.append(c);
                    continue;
                }
                int end = i + 1;
                while (end < format.length() && "-+ 0123456789.".indexOf(format.charAt(end)) >= 0) {
                    end++;
                }
                char kind = end < format.length() ? format.charAt(end) : '%';
                String spec = format.substring(i, end);
                if (kind == '%') {
                    s.append('%');
                } else {
                    String value = used < arguments.size() ? arguments.get(used) : "";
                    used++;
                    s.append(one(spec, kind, value));
                }
                i = end;
            }
            streams.out().append(escapes(s.toString()));
            if (used == before) {
                break;
            }
        } while (used < arguments.size());
        return 0;
    }

    private static String one(String spec, char kind, String value) {
        return switch (kind) {
            case 's', 'b' -> String.format(spec + "s", value);
            case 'd', 'i', 'u' ->
                    String.format(spec + "d", value.isEmpty() ? 0L : Long.decode(value));
            case 'x', 'X', 'o' ->
                    String.format(spec + kind, value.isEmpty() ? 0L : Long.decode(value));
            default -> throw new MissingFeature("printf %" + kind);
        };
    }

    private @Nullable String input(List<String> names, Streams streams, String program) {
        if (names.isEmpty()) {
            return streams.in();
        }
        StringBuilder all = new StringBuilder();
        boolean complete = true;
        for (String name : names) {
            String text = name.equals("-") ? streams.in() : files.read(shell.absolute(name));
            if (text == null) {
                streams.err().append(program).append(": can't open '").append(name);
                streams.err().append("': No such file or directory\n");
                complete = false;
            } else {
                all.append(text);
            }
        }
        if (!complete) {
            streams.out().append(program.equals("cat") ? all : "");
        }
        return complete ? all.toString() : null;
    }

    private int cat(List<String> words, Streams streams) {
        String text = input(words.subList(1, words.size()), streams, "cat");
        streams.out().append(text == null ? "" : text);
        return text == null ? 1 : 0;
    }

    private static List<String> lines(String text) {
        List<String> lines = new ArrayList<>(Arrays.asList(text.split("\n", -1)));
        if (lines.getLast().isEmpty()) {
            lines.removeLast();
        }
        return lines;
    }

    private static void print(List<String> lines, Streams streams) {
        lines.forEach(line -> streams.out().append(line).append('\n'));
    }

    private static List<String> operands(List<String> words) {
        return words.subList(1, words.size()).stream()
                .filter(word -> word.equals("-") || !word.startsWith("-"))
                .toList();
    }

    private static String options(List<String> words) {
        StringBuilder options = new StringBuilder();
        for (String word : words.subList(1, words.size())) {
            if (word.startsWith("-") && word.length() > 1) {
                options.append(word.substring(1));
            }
        }
        return options.toString();
    }

    private static void only(String options, String known, String program) {
        for (int i = 0; i < options.length(); i++) {
            if (known.indexOf(options.charAt(i)) < 0) {
                throw new MissingFeature(program + " -" + options.charAt(i));
            }
        }
    }

    private int sort(List<String> words, Streams streams) {
        String options = options(words);
        only(options, "rnu", "sort");
        String text = input(operands(words), streams, "sort");
        if (text == null) {
            return 2;
        }
        Comparator<String> order = Comparator.naturalOrder();
        if (options.indexOf('n') >= 0) {
            order = Comparator.<String>comparingLong(TextTools::leading).thenComparing(order);
        }
        if (options.indexOf('r') >= 0) {
            order = order.reversed();
        }
        List<String> lines = lines(text);
        lines.sort(order);
        print(options.indexOf('u') >= 0 ? new ArrayList<>(new TreeSet<>(lines)) : lines, streams);
        return 0;
    }

    private static long leading(String line) {
        var matcher = Pattern.compile("^\\s*(-?\\d+)").matcher(line);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private int uniq(List<String> words, Streams streams) {
        String options = options(words);
        only(options, "c", "uniq");
        String text = input(operands(words), streams, "uniq");
        if (text == null) {
            return 1;
        }
        List<String> lines = lines(text);
        for (int i = 0; i < lines.size(); ) {
            int end = i;
            while (end < lines.size() && lines.get(end).equals(lines.get(i))) {
                end++;
            }
            String count = options.isEmpty() ? "" : String.format("%7d ", end - i);
            streams.out().append(count).append(lines.get(i)).append('\n');
            i = end;
        }
        return 0;
    }

    private int grep(List<String> words, Streams streams) {
        String options = options(words);
        only(options, "vcqiEFx", "grep");
        List<String> operands = operands(words);
        if (operands.isEmpty()) {
            return 2;
        }
        String text = input(operands.subList(1, operands.size()), streams, "grep");
        if (text == null) {
            return 2;
        }
        String source =
                options.indexOf('F') >= 0
                        ? Pattern.quote(operands.get(0))
                        : options.indexOf('E') >= 0 ? operands.get(0) : basic(operands.get(0));
        Pattern pattern =
                Pattern.compile(source, options.indexOf('i') >= 0 ? Pattern.CASE_INSENSITIVE : 0);
        boolean invert = options.indexOf('v') >= 0;
        boolean whole = options.indexOf('x') >= 0;
        List<String> found =
                lines(text).stream()
                        .filter(line ->
                                (whole
                                                ? pattern.matcher(line).matches()
                                                : pattern.matcher(line).find())
                                        != invert)
                        .toList();
        if (options.indexOf('c') >= 0) {
            streams.out().append(found.size()).append('\n');
        } else if (options.indexOf('q') < 0) {
            print(found, streams);
        }
        return found.isEmpty() ? 1 : 0;
    }

    /** A basic regular expression in Java's syntax: the escaped operators change places. */
    private static String basic(String pattern) {
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\' && i + 1 < pattern.length()) {
                char next = pattern.charAt(++i);
                s.append("(){}|+?".indexOf(next) >= 0 ? "" : "\\").append(next);
            } else if ("(){}|+?".indexOf(c) >= 0) {
                s.append('\\').append(c);
            } else {
                s.append(c);
            }
        }
        return s.toString();
    }

    private int headOrTail(List<String> words, Streams streams) {
        boolean head = words.get(0).equals("head");
        int count = 10;
        boolean from = false;
        List<String> names = new ArrayList<>();
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            String number = null;
            if (word.equals("-n") && i + 1 < words.size()) {
                number = words.get(++i);
            } else if (word.startsWith("-n")) {
                number = word.substring(2);
            } else if (word.matches("-\\d+")) {
                number = word.substring(1);
            } else {
                names.add(word);
            }
            if (number != null) {
                from = number.startsWith("+");
                count = Integer.parseInt(from ? number.substring(1) : number);
            }
        }
        String text = input(names, streams, words.get(0));
        if (text == null) {
            return 1;
        }
        List<String> lines = lines(text);
        int size = lines.size();
        int begin =
                head
                        ? 0
                        : from ? Math.min(size, Math.max(0, count - 1)) : Math.max(0, size - count);
        print(lines.subList(begin, head ? Math.min(size, count) : size), streams);
        return 0;
    }

    private int wc(List<String> words, Streams streams) {
        if (!options(words).equals("l")) {
            throw new MissingFeature("wc without -l");
        }
        String text = input(operands(words), streams, "wc");
        if (text == null) {
            return 1;
        }
        streams.out().append(text.chars().filter(c -> c == '\n').count());
        operands(words).forEach(name -> streams.out().append(' ').append(name));
        streams.out().append('\n');
        return 0;
    }

    /** Says whether two texts are equal; what differs is shown whole, which is no real diff. */
    private int diff(List<String> words, Streams streams) {
        List<String> names = operands(words);
        String left = names.size() == 2 ? input(names.subList(0, 1), streams, "diff") : null;
        String right = names.size() == 2 ? input(names.subList(1, 2), streams, "diff") : null;
        if (left == null || right == null) {
            return 2;
        }
        if (left.equals(right)) {
            return 0;
        }
        lines(left).forEach(line -> streams.out().append("< ").append(line).append('\n'));
        streams.out().append("---\n");
        lines(right).forEach(line -> streams.out().append("> ").append(line).append('\n'));
        return 1;
    }

    private int rm(List<String> words, Streams streams) {
        boolean force = options(words).indexOf('f') >= 0;
        int result = 0;
        for (String name : operands(words)) {
            if (!files.remove(shell.absolute(name)) && !force) {
                streams.err().append("rm: can't remove '").append(name);
                streams.err().append("': No such file or directory\n");
                result = 1;
            }
        }
        return result;
    }

    private static int seq(List<String> words, Streams streams) {
        List<Long> numbers = words.subList(1, words.size()).stream().map(Long::decode).toList();
        long first = numbers.size() > 1 ? numbers.get(0) : 1;
        long step = numbers.size() > 2 ? numbers.get(1) : 1;
        for (long i = first;
                step > 0 ? i <= numbers.getLast() : i >= numbers.getLast();
                i += step) {
            streams.out().append(i).append('\n');
        }
        return 0;
    }

    private static int tr(List<String> words, Streams streams) {
        if (words.size() == 3 && words.get(1).equals("-d")) {
            String unwanted = escapes(words.get(2));
            streams.in()
                    .chars()
                    .filter(c -> unwanted.indexOf(c) < 0)
                    .forEach(c -> streams.out().append((char) c));
            return 0;
        }
        if (words.size() != 3 || escapes(words.get(1)).length() != 1) {
            throw new MissingFeature("tr " + String.join(" ", words.subList(1, words.size())));
        }
        char to = escapes(words.get(2)).charAt(0);
        streams.out().append(streams.in().replace(escapes(words.get(1)).charAt(0), to));
        return 0;
    }

    private static int test(List<String> words, Streams streams) {
        List<String> w = new ArrayList<>(words.subList(1, words.size()));
        if (words.get(0).equals("[")) {
            w.removeLast();
        }
        boolean invert = !w.isEmpty() && w.get(0).equals("!");
        if (invert) {
            w.removeFirst();
        }
        boolean result =
                switch (w.size()) {
                    case 0 -> false;
                    case 1 -> !w.get(0).isEmpty();
                    case 2 ->
                            switch (w.get(0)) {
                                case "-n" -> !w.get(1).isEmpty();
                                case "-z" -> w.get(1).isEmpty();
                                default -> throw new MissingFeature("test " + w.get(0));
                            };
                    case 3 -> compare(w.get(0), w.get(1), w.get(2));
                    default -> throw new MissingFeature("test with more than three words");
                };
        return result != invert ? 0 : 1;
    }

    private static boolean compare(String left, String operator, String right) {
        return switch (operator) {
            case "=" -> left.equals(right);
            case "!=" -> !left.equals(right);
            case "-eq" -> Long.parseLong(left) == Long.parseLong(right);
            case "-ne" -> Long.parseLong(left) != Long.parseLong(right);
            case "-lt" -> Long.parseLong(left) < Long.parseLong(right);
            case "-le" -> Long.parseLong(left) <= Long.parseLong(right);
            case "-gt" -> Long.parseLong(left) > Long.parseLong(right);
            case "-ge" -> Long.parseLong(left) >= Long.parseLong(right);
            default -> throw new MissingFeature("test " + operator);
        };
    }
}
