package org.jvs.datapath;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.jvs.core.net.Address;

/// A key of the map that the XDP program asks: an address, or an address with protocol and port.
///
/// ```
///  0                            16        18         19
///  | address, network order,    | port,   | protocol | 4 or 6 |
///  | IPv4 in the first 4 bytes  | network |          |        |
/// ```
///
/// @param port 0 for the address as such
/// @param protocol 0 for the address as such
record FilterKey(Address address, int port, int protocol) {
    static final int BYTES = 20;
    static final int PORT = 16;
    static final int PROTOCOL = 18;
    static final int FAMILY = 19;

    /// Bytes of a value: the flags below as a 32-bit number in host order.
    static final int VALUE_BYTES = 4;

    /// Of an address with port: a virtual service is there.
    static final int SERVICE = 1;

    /// Of an address: it has virtual services, and it is one of this machine's.
    static final int VIRTUAL = 1;

    /// Of an address, or of one with port: a realserver behind NAT answers from there.
    static final int REALSERVER = 2;

    /// Of an address: it is one of this machine's.
    static final int LOCAL = 4;

    /// Of an address: a TCP service on all ports.
    static final int ALL_TCP = 8;

    /// Of an address: a UDP service on all ports.
    static final int ALL_UDP = 16;

    /// Of an address: an FTP service, whose data connections may be ours.
    static final int FTP = 32;

    /// Of an address: a realserver that answers from any TCP port.
    static final int REPLY_ALL_TCP = 64;

    /// Of an address: a realserver that answers from any UDP port.
    static final int REPLY_ALL_UDP = 128;

    static FilterKey of(Address address) {
        return new FilterKey(address, 0, 0);
    }

    /// Whether it is an address without port.
    boolean isAddress() {
        return protocol == 0;
    }

    /// Writes it as the program builds it.
    void write(MemorySegment into, long at) {
        into.set(JAVA_LONG.withByteAlignment(1), at, 0);
        into.set(JAVA_LONG.withByteAlignment(1), at + 8, 0);
        byte[] octets = address.toBytes();
        MemorySegment.copy(octets, 0, into, JAVA_BYTE, at, octets.length);
        into.set(JAVA_BYTE, at + PORT, (byte) (port >>> 8));
        into.set(JAVA_BYTE, at + PORT + 1, (byte) port);
        into.set(JAVA_BYTE, at + PROTOCOL, (byte) protocol);
        into.set(JAVA_BYTE, at + FAMILY, (byte) (address.isIpv6() ? 6 : 4));
    }
}
