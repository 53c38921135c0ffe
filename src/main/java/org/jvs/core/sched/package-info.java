/** Schedulers: which destination gets a new connection. */
@NullMarked
package org.jvs.core.sched;

import org.jspecify.annotations.NullMarked;
