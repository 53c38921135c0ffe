/**
 * The tables that the Java engine shares with the XDP program: connections, destinations, counters.
 */
@NullMarked
package org.jvs.core.table;

import org.jspecify.annotations.NullMarked;
