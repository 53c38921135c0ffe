/** A model of the machine the recordings were made on: interfaces, routes, and its own IP stack. */
@NullMarked
package org.jvs.conformance.host;

import org.jspecify.annotations.NullMarked;
