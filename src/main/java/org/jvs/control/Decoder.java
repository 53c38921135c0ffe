package org.jvs.control;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Takes values out of a message, which may come in chunks. */
final class Decoder {
    /** Gives the next chunk, or null after the last. */
    interface Source {
        byte @Nullable [] next() throws IOException;
    }

    private final @Nullable Source source;
    private byte[] bytes;
    private int position;

    /** Of a whole message. */
    Decoder(byte[] bytes) {
        this.bytes = bytes;
        this.source = null;
    }

    /** Of a message in chunks. */
    Decoder(Source source) {
        this.bytes = new byte[0];
        this.source = source;
    }

    private void need(int count) throws IOException {
        while (bytes.length - position < count) {
            byte[] next = source == null ? null : source.next();
            if (next == null) {
                throw new EOFException("a message ends too early");
            }
            int left = bytes.length - position;
            if (left == 0) {
                bytes = next;
            } else {
                byte[] joined = new byte[left + next.length];
                System.arraycopy(bytes, position, joined, 0, left);
                System.arraycopy(next, 0, joined, left, next.length);
                bytes = joined;
            }
            position = 0;
        }
    }

    /** Whether nothing is left of a whole message. */
    boolean atEnd() {
        return position == bytes.length;
    }

    int u8() throws IOException {
        need(1);
        return bytes[position++] & 0xff;
    }

    int u16() throws IOException {
        need(2);
        int value = (bytes[position] & 0xff) << 8 | bytes[position + 1] & 0xff;
        position += 2;
        return value;
    }

    int i32() throws IOException {
        need(4);
        int value = get32(bytes, position);
        position += 4;
        return value;
    }

    long i64() throws IOException {
        long high = i32();
        return high << 32 | i32() & 0xffffffffL;
    }

    String text() throws IOException {
        int count = u16();
        need(count);
        String text = new String(bytes, position, count, StandardCharsets.UTF_8);
        position += count;
        return text;
    }

    byte[] raw(int count) throws IOException {
        need(count);
        byte[] value = new byte[count];
        System.arraycopy(bytes, position, value, 0, count);
        position += count;
        return value;
    }

    /** All the rest as text. */
    String rest() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(bytes, position, bytes.length - position);
        position = bytes.length;
        byte[] next;
        while (source != null && (next = source.next()) != null) {
            all.write(next, 0, next.length);
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    /** Skips to the end of a message in chunks. */
    void finish() throws IOException {
        position = bytes.length;
        while (source != null && source.next() != null) {
            position = bytes.length;
        }
    }

    static int get32(byte[] bytes, int at) {
        return bytes[at] << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | bytes[at + 3] & 0xff;
    }
}
