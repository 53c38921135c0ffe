/**
 * Runs recordings of the kernel's IPVS against engine, tables and command line, in virtual time.
 */
@NullMarked
package org.jvs.conformance;

import org.jspecify.annotations.NullMarked;
