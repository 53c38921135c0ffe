package org.jvs.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Puts values into a buffer that grows, or that is handed on whenever it holds a chunk. */
final class Encoder {
    /** Takes full buffers. */
    interface Sink {
        void send(byte[] bytes, int length) throws IOException;
    }

    private final @Nullable Sink sink;
    private byte[] bytes = new byte[512];
    private int length;

    /** For a message that is kept whole. */
    Encoder() {
        this.sink = null;
    }

    /** For a message that is sent on in chunks. */
    Encoder(Sink sink) {
        this.sink = sink;
    }

    int length() {
        return length;
    }

    byte[] bytes() {
        return bytes;
    }

    void clear() {
        length = 0;
    }

    /** Hands on what is there. */
    void flush() throws IOException {
        if (sink != null && length > 0) {
            sink.send(bytes, length);
            length = 0;
        }
    }

    private void room(int count) throws IOException {
        if (sink != null && length + count > ControlProtocol.MAX_CHUNK) {
            flush();
        }
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }

    void u8(int value) throws IOException {
        room(1);
        bytes[length++] = (byte) value;
    }

    void u16(int value) throws IOException {
        room(2);
        bytes[length++] = (byte) (value >> 8);
        bytes[length++] = (byte) value;
    }

    void i32(int value) throws IOException {
        room(4);
        put32(bytes, length, value);
        length += 4;
    }

    void i64(long value) throws IOException {
        i32((int) (value >>> 32));
        i32((int) value);
    }

    /** A text of at most 65,535 bytes; what is longer is cut. */
    void text(String value) throws IOException {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        int count = Math.min(utf8.length, 0xffff);
        u16(count);
        raw(utf8, count);
    }

    /** Bytes without their length. */
    void raw(byte[] value, int count) throws IOException {
        for (int from = 0; from < count; ) {
            int part = Math.min(count - from, 4096);
            room(part);
            System.arraycopy(value, from, bytes, length, part);
            length += part;
            from += part;
        }
    }

    static void put32(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >> 24);
        bytes[at + 1] = (byte) (value >> 16);
        bytes[at + 2] = (byte) (value >> 8);
        bytes[at + 3] = (byte) value;
    }
}
