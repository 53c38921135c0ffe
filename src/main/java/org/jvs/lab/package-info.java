/**
 * The lab: hosts in network namespaces, the wires between them, clients, realservers and directors
 * on them. The demo and the end-to-end tests stand on it. It needs root and leaves nothing behind.
 */
@NullMarked
package org.jvs.lab;

import org.jspecify.annotations.NullMarked;
