package org.jvs.datapath;

import java.util.Locale;

/// The kernel has no room for a table.
public final class TableMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param what the table
    /// @param bytes how large it was to be
    /// @param why the limit, or what the kernel said
    TableMemoryException(String what, long bytes, String why) {
        super(
                String.format(
                        Locale.ROOT,
                        "no room for the table of %s, %,d MiB of the kernel's memory: %s",
                        what,
                        bytes + (1 << 20) - 1 >> 20,
                        why));
    }
}
