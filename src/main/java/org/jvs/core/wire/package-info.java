/** Wire formats: IPv4, IPv6, TCP, UDP, ICMP and checksums, read and written in place. */
@NullMarked
package org.jvs.core.wire;

import org.jspecify.annotations.NullMarked;
