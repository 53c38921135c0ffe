/** Addresses and protocol numbers: the values that every floor speaks in. */
@NullMarked
package org.jvs.core.net;

import org.jspecify.annotations.NullMarked;
