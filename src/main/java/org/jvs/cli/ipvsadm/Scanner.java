package org.jvs.cli.ipvsadm;

import org.jspecify.annotations.Nullable;

/**
 * Takes a command line apart as the popt library (1.19) does: letters may be bundled, a value may
 * follow in the same word, after {@code =} or in the next word, long names are never abbreviated,
 * words that are no options are kept aside, and {@code --} ends the options.
 */
final class Scanner {
    static final int END = -1;
    static final int MISSING_ARGUMENT = -10;
    static final int UNKNOWN = -11;
    static final int UNWANTED_ARGUMENT = -12;

    private final String[] words;
    private int next;
    private String bundle = "";
    private boolean ended;
    private final String[] leftovers;
    private int leftoverCount;
    private int leftoverNext;
    private @Nullable String value;

    Scanner(String[] words) {
        this.words = words;
        this.leftovers = new String[words.length];
    }

    /** The next option, {@link #END}, or one of the errors. */
    int next() {
        value = null;
        String inWord = null;
        int option;
        if (bundle.isEmpty()) {
            String word = nextOptionWord();
            if (word == null) {
                return END;
            }
            option = Option.NONE;
            if (word.charAt(1) == '-') {
                int equals = word.indexOf('=');
                option = Option.ofName(equals < 0 ? word.substring(2) : word.substring(2, equals));
                if (option == Option.NONE) {
                    return UNKNOWN;
                }
                inWord = equals < 0 ? null : word.substring(equals + 1);
            } else {
                bundle = word.substring(1);
                option = takeLetter();
            }
        } else {
            option = takeLetter();
        }
        if (option == Option.NONE) {
            return UNKNOWN;
        }
        if (!Option.takesValue(option)) {
            boolean unwanted = inWord != null || bundle.startsWith("=");
            return unwanted ? UNWANTED_ARGUMENT : option;
        }
        if (inWord == null && !bundle.isEmpty()) {
            inWord = bundle.startsWith("=") ? bundle.substring(1) : bundle;
            bundle = "";
        }
        if (inWord != null) {
            value = inWord;
            return option;
        }
        boolean optional = option == Option.PERSISTENT;
        if (next == words.length) {
            return optional ? option : MISSING_ARGUMENT;
        }
        if (!optional || !words[next].startsWith("-")) {
            value = words[next++];
        }
        return option;
    }

    private int takeLetter() {
        char letter = bundle.charAt(0);
        bundle = bundle.substring(1);
        return Option.ofLetter(letter);
    }

    private @Nullable String nextOptionWord() {
        while (next < words.length) {
            String word = words[next++];
            if (ended || word.length() < 2 || word.charAt(0) != '-') {
                leftovers[leftoverCount++] = word;
            } else if (word.equals("--")) {
                ended = true;
            } else {
                return word;
            }
        }
        return null;
    }

    /** The value of the last option, or null. */
    @Nullable String value() {
        return value;
    }

    /** The value of the last option, which has one. */
    String requiredValue() {
        return value == null ? "" : value;
    }

    /** The word taken last, by which messages name a bad option. */
    String badWord() {
        return words[next - 1];
    }

    /** The next word that is no option, or null. */
    @Nullable String nextLeftover() {
        return leftoverNext < leftoverCount ? leftovers[leftoverNext++] : null;
    }

    /** What popt says of an error. */
    static String errorText(int error) {
        return switch (error) {
            case MISSING_ARGUMENT -> "missing argument";
            case UNWANTED_ARGUMENT -> "option does not take an argument";
            default -> "unknown option";
        };
    }
}
