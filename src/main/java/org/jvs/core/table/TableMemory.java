package org.jvs.core.table;

import java.lang.foreign.SegmentAllocator;

/** Where a director's tables get their memory from: each is asked for once. */
@FunctionalInterface
public interface TableMemory {
    /** A piece of memory that an XDP program can share. */
    enum Part {
        DESTINATIONS,
        COUNTERS,
        CONNECTIONS_IPV4,
        CONNECTIONS_IPV6
    }

    /** What allocates the memory of a part, zeroed. */
    SegmentAllocator of(Part part);
}
