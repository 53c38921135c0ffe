/**
 * Real packets: an XDP program on each interface hands up what is a director's business, AF_XDP
 * rings carry it, one thread runs the engine on it, and the kernel's own routes and neighbours say
 * where it goes next. Joins {@code core} to {@code linux} and {@code ebpf}.
 */
@NullMarked
package org.jvs.datapath;

import org.jspecify.annotations.NullMarked;
