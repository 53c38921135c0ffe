/** The Java engine: a packet in, a verdict and a packet out. */
@NullMarked
package org.jvs.core.engine;

import org.jspecify.annotations.NullMarked;
