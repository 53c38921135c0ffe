package org.jvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory from mmap(2) as a segment that cannot be touched once it is unmapped: access after
/// [#close()] throws instead of ending the JVM.
@SuppressWarnings("restricted")
final class Mapping implements AutoCloseable {
    static final int SHARED = 0x01;
    static final int PRIVATE_ANONYMOUS = 0x22;
    static final int POPULATE = 0x8000;
    private static final int READ_WRITE = 0x3;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;

    private Mapping(String what, long bytes, int flags, int fd, long offset) {
        try {
            long address =
                    Syscalls.check(
                            what, Syscalls.call(Nr.MMAP, 0, bytes, READ_WRITE, flags, fd, offset));
            segment =
                    MemorySegment.ofAddress(address)
                            .reinterpret(bytes, arena, s -> unmap(s.address(), bytes));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static void unmap(long address, long bytes) {
        Syscalls.call(Nr.MUNMAP, address, bytes, 0);
    }

    static Mapping ofFile(String what, Fd fd, long bytes, long offset) {
        return new Mapping(what, bytes, SHARED | POPULATE, fd.value(), offset);
    }

    /// Memory of zeros; see [HugePages].
    static Mapping anonymous(String what, long bytes) {
        Mapping mapping = new Mapping(what, bytes, PRIVATE_ANONYMOUS, -1, 0);
        HugePages.advise(mapping.segment());
        return mapping;
    }

    MemorySegment segment() {
        return segment;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
