package org.jvs.cli.ipvsadm;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Collects text with C's paddings and writes it in large pieces. */
final class Text {
    private static final int PIECE = 16 * 1024;

    private final OutputStream out;
    private final StringBuilder text = new StringBuilder();

    Text(OutputStream out) {
        this.out = out;
    }

    Text add(String value) {
        text.append(value);
        return this;
    }

    Text add(char value) {
        text.append(value);
        return this;
    }

    Text add(long value) {
        text.append(value);
        return this;
    }

    /** {@code %-WIDTHs} */
    Text left(String value, int width) {
        text.append(value);
        return spaces(width - value.length());
    }

    /** {@code %WIDTHs} */
    Text right(String value, int width) {
        spaces(width - value.length());
        text.append(value);
        return this;
    }

    private Text spaces(int count) {
        for (int i = 0; i < count; i++) {
            text.append(' ');
        }
        return this;
    }

    /** Ends a line, and writes once enough has come together. */
    Text line() {
        text.append('\n');
        if (text.length() >= PIECE) {
            flush();
        }
        return this;
    }

    /** Writes what has come together. */
    void flush() {
        if (text.isEmpty()) {
            return;
        }
        try {
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            text.setLength(0);
        }
    }
}
