package org.jvs.linux;

import org.jvs.core.net.Family;

/// Packets of one IP protocol that are addressed to the host itself (raw(7)), reassembled by its
/// stack. While such a socket is open the stack does not answer them by "protocol unreachable".
///
/// Received IPv4 packets begin with their IP header; of IPv6 ones only what follows the headers is
/// seen (RFC 3542 section 3).
public final class RawIpSocket extends FrameChannel {
    private static final int SOCK_RAW = 3;

    private RawIpSocket(String what, Fd fd) {
        super(what, fd);
    }

    /// For the calling thread's namespace.
    ///
    /// @param protocol IP protocol number, 1..255
    /// @throws LinuxException EPERM unless root
    public static RawIpSocket open(Family family, int protocol) {
        String what = "raw " + family + " socket of protocol " + protocol;
        return new RawIpSocket(what, Syscalls.socket(what, family.number(), SOCK_RAW, protocol));
    }
}
