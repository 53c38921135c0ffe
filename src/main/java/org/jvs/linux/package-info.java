/**
 * The only floor that touches native code: system calls, namespaces, netlink, ethtool, bpf(2),
 * AF_XDP, packet sockets and TUN devices, all through {@code java.lang.foreign}. Every class here
 * that calls native code or reinterprets memory carries {@code @SuppressWarnings("restricted")}, so
 * the audit is a search.
 */
@NullMarked
package org.jvs.linux;

import org.jspecify.annotations.NullMarked;
