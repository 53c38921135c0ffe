/** Packets and tables for tests. */
@NullMarked
package org.jvs.testing;

import org.jspecify.annotations.NullMarked;
