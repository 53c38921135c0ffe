/** The {@code jvs} command line: one small class for each subcommand. */
@NullMarked
package org.jvs.cli;

import org.jspecify.annotations.NullMarked;
