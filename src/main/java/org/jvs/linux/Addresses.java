package org.jvs.linux;

import static org.jvs.linux.NetlinkMessage.FLAG_ACK;
import static org.jvs.linux.NetlinkMessage.FLAG_CREATE;
import static org.jvs.linux.NetlinkMessage.FLAG_DUMP;
import static org.jvs.linux.NetlinkMessage.FLAG_REPLACE;

import java.util.List;
import java.util.Objects;
import org.jvs.core.net.Address;

/// Addresses of the interfaces of one namespace, IPv4 and IPv6 alike.
public final class Addresses {
    private static final int SCOPE_UNIVERSE = 0;
    private static final int SCOPE_HOST = 254;

    private final NetlinkSocket socket;

    Addresses(NetlinkSocket socket) {
        this.socket = socket;
    }

    public List<InterfaceAddress> list() {
        return list(0);
    }

    /// The addresses of one interface; index 0 stands for all.
    public List<InterfaceAddress> list(int interfaceIndex) {
        NetlinkMessage request =
                new NetlinkMessage(Rtnl.GETADDR, FLAG_DUMP)
                        .u8(Rtnl.AF_UNSPEC)
                        .u8(0)
                        .u8(0)
                        .u8(0)
                        .u32(0);
        return socket.dump("list addresses", request).stream()
                .filter(m -> m.type() == Rtnl.NEWADDR)
                .map(m -> InterfaceAddress.parse(m.payload()))
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .filter(a -> interfaceIndex == 0 || a.interfaceIndex() == interfaceIndex)
                .toList();
    }

    /// Adds an address, usable at once: IPv6 duplicate address detection is skipped. Adding what is
    /// there is no error.
    public void add(int interfaceIndex, Prefix prefix) {
        add(interfaceIndex, prefix, true);
    }

    /// Adds an address.
    ///
    /// @param noDad skip IPv6 duplicate address detection
    public void add(int interfaceIndex, Prefix prefix, boolean noDad) {
        NetlinkMessage request =
                header(Rtnl.NEWADDR, FLAG_ACK | FLAG_CREATE | FLAG_REPLACE, interfaceIndex, prefix);
        if (noDad && prefix.address().isIpv6()) {
            request.attrU32(InterfaceAddress.IFA_FLAGS, InterfaceAddress.IFA_F_NODAD);
        }
        socket.request("add address " + prefix + " to link " + interfaceIndex, request);
    }

    public void delete(int interfaceIndex, Prefix prefix) {
        socket.request(
                "delete address " + prefix + " from link " + interfaceIndex,
                header(Rtnl.DELADDR, FLAG_ACK, interfaceIndex, prefix));
    }

    /// `struct ifaddrmsg` (family, prefix length, flags, scope, interface) and the address.
    private static NetlinkMessage header(int type, int flags, int index, Prefix prefix) {
        Address address = prefix.address();
        boolean loopback = !address.isIpv6() && address.lo() >>> 24 == 127;
        return new NetlinkMessage(type, flags)
                .u8(address.family().number())
                .u8(prefix.length())
                .u8(0)
                .u8(loopback ? SCOPE_HOST : SCOPE_UNIVERSE)
                .u32(index)
                .attr(InterfaceAddress.IFA_LOCAL, address)
                .attr(InterfaceAddress.IFA_ADDRESS, address);
    }
}
