/**
 * The way to a running director: the protocol of its UNIX socket, the client that {@code ipvsadm}
 * and {@code jvs} use, and the server that a director runs.
 */
@NullMarked
package org.jvs.control;

import org.jspecify.annotations.NullMarked;
