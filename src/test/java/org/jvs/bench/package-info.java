/** Benchmarks, run by {@code ./jvs bench}; never part of the suite. */
@NullMarked
package org.jvs.bench;

import org.jspecify.annotations.NullMarked;
