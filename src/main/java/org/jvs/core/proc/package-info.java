/** The kernel's files below {@code /proc/net} as a director would fill them. */
@NullMarked
package org.jvs.core.proc;

import org.jspecify.annotations.NullMarked;
