package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// The bpf(2) call: commands and the attribute block they share (`union bpf_attr`). Offsets in the
/// classes beside this one are those of `linux/bpf.h`.
final class Bpf {
    static final int MAP_CREATE = 0;
    static final int MAP_LOOKUP = 1;
    static final int MAP_UPDATE = 2;
    static final int MAP_DELETE = 3;
    static final int MAP_NEXT_KEY = 4;
    static final int PROG_LOAD = 5;
    static final int PROG_TEST_RUN = 10;
    static final int PROG_GET_FD_BY_ID = 13;
    static final int OBJ_GET_INFO = 15;
    static final int MAP_LOOKUP_BATCH = 24;
    static final int MAP_UPDATE_BATCH = 26;
    static final int LINK_CREATE = 28;
    static final int LINK_UPDATE = 29;

    /// Larger than any attribute block used here; the kernel wants the rest to be zero.
    static final int ATTR_BYTES = 152;

    private static final int NAME_BYTES = 16;

    private Bpf() {}

    static MemorySegment attributes(Arena arena) {
        return arena.allocate(ATTR_BYTES, 8);
    }

    /// The result, or minus the errno.
    static long call(int command, MemorySegment attributes, int bytes) {
        return Syscalls.call(Nr.BPF, command, attributes.address(), bytes);
    }

    static void setName(MemorySegment attributes, long offset, String name) {
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        int length = Math.min(text.length, NAME_BYTES - 1);
        MemorySegment.copy(text, 0, attributes, JAVA_BYTE, offset, length);
    }

    /// BPF_OBJ_GET_INFO_BY_FD: fills `info`, and leaves zero what this kernel does not know.
    static void info(String what, Fd fd, MemorySegment info) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = attributes(arena);
            attributes.set(JAVA_INT, 0, fd.value());
            attributes.set(JAVA_INT, 4, (int) info.byteSize());
            attributes.set(JAVA_LONG, 8, info.address());
            Syscalls.check(what, call(OBJ_GET_INFO, attributes, 16));
        }
    }

    static String name(MemorySegment info, long offset) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < NAME_BYTES && info.get(JAVA_BYTE, offset + i) != 0; i++) {
            text.append((char) info.get(JAVA_BYTE, offset + i));
        }
        return text.toString();
    }
}
