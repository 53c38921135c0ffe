package org.jvs.linux;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;

/// An address of an interface.
///
/// @param interfaceIndex the interface that carries it
/// @param prefix the local address with its prefix length
/// @param scope 0 everywhere, 253 link, 254 host
/// @param flags `IFA_F_*`
public record InterfaceAddress(int interfaceIndex, Prefix prefix, int scope, int flags) {
    static final int IFA_ADDRESS = 1;
    static final int IFA_LOCAL = 2;
    static final int IFA_FLAGS = 8;
    static final int IFA_F_NODAD = 0x02;
    private static final int IFA_F_DADFAILED = 0x08;
    private static final int IFA_F_TENTATIVE = 0x40;

    /// Takes an RTM_NEWADDR or RTM_DELADDR apart: `struct ifaddrmsg`, then attributes; null for
    /// families other than IP.
    static @Nullable InterfaceAddress parse(ByteBuffer message) {
        NetlinkAttributes attributes =
                NetlinkAttributes.parse(message.slice(8, message.remaining() - 8));
        // IFA_LOCAL is ours; on point-to-point links IFA_ADDRESS is the other end's.
        Address local = attributes.address(IFA_LOCAL);
        if (local == null) {
            local = attributes.address(IFA_ADDRESS);
        }
        if (local == null) {
            return null;
        }
        return new InterfaceAddress(
                message.getInt(4),
                new Prefix(local, message.get(1) & 0xff),
                message.get(3) & 0xff,
                attributes.u32(IFA_FLAGS, message.get(2) & 0xff));
    }

    public Address address() {
        return prefix.address();
    }

    /// Whether duplicate address detection (RFC 4862 section 5.4) still runs, or has failed: the
    /// address cannot be used.
    public boolean isTentative() {
        return (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) != 0;
    }
}
