package org.jvs.linux;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;

/// An entry of the kernel's ARP or neighbour discovery table.
///
/// @param interfaceIndex the link it is on
/// @param address the neighbour's IP address
/// @param mac its Ethernet address, null while it is not known
/// @param state `NUD_*` bits
public record Neighbour(int interfaceIndex, Address address, @Nullable MacAddress mac, int state) {
    static final int NDA_DST = 1;
    static final int NDA_LLADDR = 2;
    static final int NUD_FAILED = 0x20;
    static final int NUD_PERMANENT = 0x80;

    /// REACHABLE, STALE, DELAY, PROBE, NOARP, PERMANENT: the address is known, and frames may be
    /// sent.
    private static final int VALID = 0x02 | 0x04 | 0x08 | 0x10 | 0x40 | 0x80;

    /// Takes an RTM_NEWNEIGH or RTM_DELNEIGH apart: `struct ndmsg`, then attributes; null for
    /// entries that are not IP (bridge tables).
    static @Nullable Neighbour parse(ByteBuffer message) {
        int family = message.get(0);
        if (family != 2 && family != 10) {
            return null;
        }
        NetlinkAttributes attributes =
                NetlinkAttributes.parse(message.slice(12, message.remaining() - 12));
        Address address = attributes.address(NDA_DST);
        if (address == null) {
            return null;
        }
        return new Neighbour(
                message.getInt(4),
                address,
                attributes.mac(NDA_LLADDR),
                message.getShort(8) & 0xffff);
    }

    /// Whether frames may be sent to its Ethernet address.
    public boolean isUsable() {
        return (state & VALID) != 0 && mac != null;
    }

    public boolean isPermanent() {
        return (state & NUD_PERMANENT) != 0;
    }

    /// Whether the kernel asked and got no answer.
    public boolean isFailed() {
        return (state & NUD_FAILED) != 0;
    }
}
