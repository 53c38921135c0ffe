/**
 * {@code ipvsadm} 1.31, byte for byte. It runs from a class path of its own and uses no library, no
 * regular expression, no stream and no lambda: half of its time is the start of the JVM, and each
 * of those would add to it.
 */
@NullMarked
package org.jvs.cli.ipvsadm;

import org.jspecify.annotations.NullMarked;
