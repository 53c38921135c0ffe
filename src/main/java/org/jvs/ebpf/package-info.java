/**
 * The eBPF code builder. Programs are written with {@link org.jvs.ebpf.Code}: variables, questions,
 * blocks, loops, calls; below it an assembler with one method for each instruction, beside it
 * listings to read. Encodings are those of the kernel's instruction set document, {@code
 * Documentation/bpf/standardization/instruction-set.rst} (RFC 9669). Pure Java; loading is the
 * linux floor's.
 */
@NullMarked
package org.jvs.ebpf;

import org.jspecify.annotations.NullMarked;
