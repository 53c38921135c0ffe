package org.jvs.linux;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A network interface as the kernel describes it.
///
/// @param index the interface index in its namespace
/// @param mac null for interfaces without an Ethernet address (TUN, ipip)
/// @param mtu largest IP packet in bytes
/// @param flags `IFF_*` of netdevice(7)
/// @param hardwareType `ARPHRD_*`: 1 Ethernet, 772 loopback, 65534 none
/// @param kind the driver's rtnetlink name (`veth`, `bridge`, `dummy`), empty for hardware
/// @param master index of the bridge or bond it belongs to, 0 for none
/// @param peerIndex index of the other end of a veth or the lower device, 0 for none
/// @param peerNamespaceId the namespace id of the peer, -1 where it is in the same namespace
/// @param operationalState RFC 2863: 6 is up
/// @param rxQueues receive queues the device was made with
/// @param txQueues transmit queues the device was made with
/// @param xdp how an XDP program is attached
/// @param xdpProgramId the attached program's id, 0 for none or several
public record Link(
        int index,
        String name,
        @Nullable MacAddress mac,
        int mtu,
        int flags,
        int hardwareType,
        String kind,
        int master,
        int peerIndex,
        int peerNamespaceId,
        int operationalState,
        int rxQueues,
        int txQueues,
        XdpAttachment xdp,
        int xdpProgramId) {
    /// How an XDP program hangs on an interface.
    public enum XdpAttachment {
        NONE,
        NATIVE,
        GENERIC,
        OFFLOADED,
        SEVERAL
    }

    static final int IFLA_ADDRESS = 1;
    static final int IFLA_IFNAME = 3;
    static final int IFLA_MTU = 4;
    static final int IFLA_LINK = 5;
    static final int IFLA_MASTER = 10;
    static final int IFLA_OPERSTATE = 16;
    static final int IFLA_LINKINFO = 18;
    static final int IFLA_NET_NS_FD = 28;
    static final int IFLA_NUM_TX_QUEUES = 31;
    static final int IFLA_NUM_RX_QUEUES = 32;
    static final int IFLA_LINK_NETNSID = 37;
    static final int IFLA_XDP = 43;
    static final int IFLA_INFO_KIND = 1;
    static final int IFLA_INFO_DATA = 2;
    private static final int IFLA_XDP_ATTACHED = 2;
    private static final int IFLA_XDP_PROG_ID = 4;

    static final int IFF_UP = 0x1;
    private static final int IFF_LOOPBACK = 0x8;
    private static final int IFF_POINTOPOINT = 0x10;
    private static final int IFF_LOWER_UP = 0x10000;
    private static final int ARPHRD_ETHER = 1;

    /// Takes an RTM_NEWLINK or RTM_DELLINK apart: `struct ifinfomsg`, then attributes.
    static Link parse(ByteBuffer message) {
        NetlinkAttributes attributes =
                NetlinkAttributes.parse(message.slice(16, message.remaining() - 16));
        NetlinkAttributes xdp = attributes.nested(IFLA_XDP);
        int attached = xdp.u8(IFLA_XDP_ATTACHED, 0);
        XdpAttachment[] all = XdpAttachment.values();
        return new Link(
                message.getInt(4),
                attributes.string(IFLA_IFNAME),
                attributes.mac(IFLA_ADDRESS),
                attributes.u32(IFLA_MTU, 0),
                message.getInt(8),
                message.getShort(2) & 0xffff,
                attributes.nested(IFLA_LINKINFO).string(IFLA_INFO_KIND),
                attributes.u32(IFLA_MASTER, 0),
                attributes.u32(IFLA_LINK, 0),
                attributes.u32(IFLA_LINK_NETNSID, -1),
                attributes.u8(IFLA_OPERSTATE, 0),
                attributes.u32(IFLA_NUM_RX_QUEUES, 1),
                attributes.u32(IFLA_NUM_TX_QUEUES, 1),
                attached < all.length ? all[attached] : XdpAttachment.SEVERAL,
                xdp.u32(IFLA_XDP_PROG_ID, 0));
    }

    /// Whether it is set up (IFF_UP).
    public boolean isUp() {
        return (flags & IFF_UP) != 0;
    }

    /// Whether it also has carrier.
    public boolean hasCarrier() {
        return (flags & IFF_LOWER_UP) != 0;
    }

    public boolean isLoopback() {
        return (flags & IFF_LOOPBACK) != 0;
    }

    public boolean isPointToPoint() {
        return (flags & IFF_POINTOPOINT) != 0;
    }

    /// Whether frames on it carry an Ethernet header.
    public boolean isEthernet() {
        return hardwareType == ARPHRD_ETHER;
    }
}
