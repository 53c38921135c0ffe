package org.jvs.conformance.shell;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The files that a shell sees; paths are absolute and without dots. */
public interface Files {
    /** The contents of a file, or null where there is none. */
    @Nullable String read(String path);

    /** Whether a file of that path is there or can be made. */
    boolean canWrite(String path);

    /**
     * Writes a file.
     *
     * @return false if the file refuses the contents (the shell says "I/O error")
     */
    boolean write(String path, String contents);

    /** Removes a file; false where there was none. */
    boolean remove(String path);

    /** The names in a directory, or null where there is no such directory. */
    @Nullable Collection<String> list(String directory);
}
