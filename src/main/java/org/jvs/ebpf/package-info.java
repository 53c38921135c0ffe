/**
 * The eBPF code builder: registers, instructions, labels, an assembler that checks ranges, and a
 * listing to read. Encodings are those of the kernel's instruction set document, {@code
 * Documentation/bpf/standardization/instruction-set.rst} (RFC 9669). Pure Java; loading is the
 * linux floor's.
 */
@NullMarked
package org.jvs.ebpf;

import org.jspecify.annotations.NullMarked;
