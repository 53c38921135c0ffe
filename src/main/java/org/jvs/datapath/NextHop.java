package org.jvs.datapath;

/// Receives where a packet goes next.
final class NextHop {
    int interfaceIndex;
    boolean ipv6;
    long hi;
    long lo;
}
