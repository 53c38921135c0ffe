package org.jvs.lab;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What precedes the body of an HTTP/1.1 message (RFC 9112 section 2.1), as far as the lab needs
/// it.
///
/// @param start the request or status line
/// @param fields names in small letters; the last of each counts
record HttpHead(String start, Map<String, String> fields) {
    private static final int MAX_LINE = 4096;

    /// Reads up to and with the empty line; null at the end of the stream.
    static @Nullable HttpHead read(InputStream in) throws IOException {
        String start = line(in);
        if (start == null) {
            return null;
        }
        Map<String, String> fields = new HashMap<>();
        while (true) {
            String line = line(in);
            if (line == null) {
                throw new IOException("the stream ended within the head of a message");
            }
            if (line.isEmpty()) {
                return new HttpHead(start, Map.copyOf(fields));
            }
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new IOException("not a header field: " + line);
            }
            fields.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
    }

    private static @Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            if (next == '\n') {
                return line.toString();
            }
            if (next != '\r') {
                line.append((char) next);
            }
            if (line.length() > MAX_LINE) {
                throw new IOException("a line is longer than " + MAX_LINE + " bytes");
            }
        }
    }

    String field(String name) {
        return fields.getOrDefault(name, "");
    }

    long contentLength() throws IOException {
        String length = field("content-length");
        try {
            return length.isEmpty() ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            throw new IOException("Content-Length is '" + length + "'", e);
        }
    }

    boolean wantsClose() {
        return field("connection").equalsIgnoreCase("close");
    }
}
