/** As much of a POSIX shell as the recordings' command lines need, over files in memory. */
@NullMarked
package org.jvs.conformance.shell;

import org.jspecify.annotations.NullMarked;
