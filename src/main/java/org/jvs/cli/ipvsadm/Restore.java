package org.jvs.cli.ipvsadm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.Outcome;

/**
 * {@code ipvsadm -R}: one command line per line of input. Changes are gathered and sent together,
 * up to {@link #BATCH} at a time or until the input pauses; whatever prints waits for those before
 * it, so that the messages come as if line after line had been carried out.
 */
final class Restore implements Console.Pending {
    static final int BATCH = 1000;

    private final InputStream in;
    private final Console console;
    private final Session session;
    private final List<Command> gathered = new ArrayList<>();
    private final byte[] buffer = new byte[32 * 1024];
    private int position;
    private int limit;
    private int lastStatus;

    Restore(InputStream in, Console console, Session session) {
        this.in = in;
        this.console = console;
        this.session = session;
    }

    /** Reads to the end of the input; the status of the last line. */
    int run() {
        console.before(this);
        try {
            String[] words;
            while ((words = nextLine()) != null) {
                if (words.length > 0) {
                    line(words);
                }
            }
        } finally {
            carryOut();
        }
        return lastStatus;
    }

    private void line(String[] words) {
        Invocation line = Parser.parse(words, console, session.names());
        if (line == null) {
            lastStatus = 255;
            return;
        }
        Command change = line.change();
        if (change != null) {
            gathered.add(change);
            if (gathered.size() == BATCH) {
                carryOut();
            }
            return;
        }
        if (line.command == Option.RESTORE) {
            throw console.tryHelp();
        }
        carryOut();
        session.show(line);
        lastStatus = 0;
    }

    @Override
    public void carryOut() {
        if (gathered.isEmpty()) {
            return;
        }
        List<Command> batch = List.copyOf(gathered);
        gathered.clear();
        Admin admin = session.admin();
        List<Outcome> outcomes = admin.apply(batch);
        for (int i = 0; i < batch.size(); i++) {
            Outcome outcome = outcomes.get(i);
            lastStatus = outcome == Outcome.OK ? 0 : 255;
            if (outcome != Outcome.OK) {
                console.message(Messages.of(batch.get(i), outcome));
            }
        }
    }

    /**
     * The words of the next line without any {@code ipvsadm} among them; null at the end of the
     * input. As in the original {@code #} begins no comment, and a last line without a newline is
     * lost if two or more blanks end it.
     */
    private String @Nullable [] nextLine() {
        List<String> words = new ArrayList<>(12);
        StringBuilder word = new StringBuilder();
        int blanks = 0;
        while (true) {
            int c = read();
            boolean end = c < 0 || c == '\n';
            if (!end && c != ' ' && c != '\t' && c != '\r') {
                word.append((char) c);
                blanks = 0;
                continue;
            }
            if (!word.isEmpty()) {
                if (!(word.length() == 7 && word.toString().equals("ipvsadm"))) {
                    words.add(utf8(word));
                }
                word.setLength(0);
            }
            if (c < 0) {
                return words.isEmpty() || blanks > 1 ? null : words.toArray(new String[0]);
            }
            if (c == '\n') {
                return words.toArray(new String[0]);
            }
            blanks++;
        }
    }

    /** The word's bytes were gathered as one character each. */
    private static String utf8(StringBuilder bytes) {
        String word = bytes.toString();
        for (int i = 0; i < word.length(); i++) {
            if (word.charAt(i) >= 0x80) {
                return new String(
                        word.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            }
        }
        return word;
    }

    private int read() {
        if (position == limit) {
            try {
                if (in.available() == 0) {
                    carryOut();
                }
                limit = Math.max(in.read(buffer, 0, buffer.length), 0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            position = 0;
            if (limit == 0) {
                return -1;
            }
        }
        return buffer[position++] & 0xff;
    }
}
