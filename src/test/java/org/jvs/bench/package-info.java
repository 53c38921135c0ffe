/** JMH benchmarks. They never run with the tests. */
@NullMarked
package org.jvs.bench;

import org.jspecify.annotations.NullMarked;
