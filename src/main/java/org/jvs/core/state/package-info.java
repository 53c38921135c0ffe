/** Protocol states and their timeouts. */
@NullMarked
package org.jvs.core.state;

import org.jspecify.annotations.NullMarked;
