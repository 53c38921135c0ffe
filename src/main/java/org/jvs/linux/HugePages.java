package org.jvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Large memory in pages of 2 MB where the kernel has them (transparent huge pages). Tables that
/// are read all over cost a page table walk with each cold line otherwise, in a virtual machine
/// several times what the line costs.
@SuppressWarnings("restricted")
public final class HugePages implements Arena {
    private static final long PAGE = 1 << 21;
    private static final int MADV_HUGEPAGE = 14;
    private static final int MADV_POPULATE_WRITE = 23;

    private final Arena small = Arena.ofShared();

    private HugePages() {}

    /// A shared arena: what is large comes in huge pages.
    public static Arena arena() {
        return new HugePages();
    }

    /// Asks for huge pages where a segment has room for them, and has them put there at once. What
    /// the kernel does not have or cannot do stays as it is.
    static void advise(MemorySegment memory) {
        long start = (memory.address() + PAGE - 1) & -PAGE;
        long bytes = (memory.address() + memory.byteSize() & -PAGE) - start;
        if (bytes > 0) {
            Syscalls.call(Nr.MADVISE, start, bytes, MADV_HUGEPAGE);
            Syscalls.call(Nr.MADVISE, start, bytes, MADV_POPULATE_WRITE);
        }
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
        if (byteSize < PAGE || byteAlignment > PAGE) {
            return small.allocate(byteSize, byteAlignment);
        }
        long bytes = byteSize + PAGE;
        Mapping mapping = Mapping.anonymous("mmap table", bytes);
        long address = (mapping.segment().address() + PAGE - 1) & -PAGE;
        return MemorySegment.ofAddress(address).reinterpret(byteSize, small, _ -> mapping.close());
    }

    @Override
    public MemorySegment.Scope scope() {
        return small.scope();
    }

    @Override
    public void close() {
        small.close();
    }
}
