package org.jvs.linux;

import static org.jvs.linux.NetlinkMessage.FLAG_ACK;
import static org.jvs.linux.NetlinkMessage.FLAG_CREATE;
import static org.jvs.linux.NetlinkMessage.FLAG_DUMP;
import static org.jvs.linux.NetlinkMessage.FLAG_REPLACE;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jvs.core.net.Address;

/// The kernel's ARP and neighbour discovery tables of one namespace.
public final class Neighbours {
    private static final int NTF_USE = 0x01;
    private static final int TYPE_UNICAST = 1;

    private final NetlinkSocket socket;

    Neighbours(NetlinkSocket socket) {
        this.socket = socket;
    }

    public List<Neighbour> list() {
        NetlinkMessage request = header(Rtnl.GETNEIGH, FLAG_DUMP, Rtnl.AF_UNSPEC, 0, 0, 0, 0);
        return socket.dump("list neighbours", request).stream()
                .filter(m -> m.type() == Rtnl.NEWNEIGH)
                .map(m -> Neighbour.parse(m.payload()))
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
    }

    /// What the kernel knows of one neighbour.
    public Optional<Neighbour> find(int interfaceIndex, Address address) {
        NetlinkMessage request =
                header(Rtnl.GETNEIGH, FLAG_ACK, address.family().number(), interfaceIndex, 0, 0, 0)
                        .attr(Neighbour.NDA_DST, address);
        try {
            return socket.request("neighbour " + address, request).stream()
                    .filter(m -> m.type() == Rtnl.NEWNEIGH)
                    .map(m -> Neighbour.parse(m.payload()))
                    .filter(Objects::nonNull)
                    .map(Objects::requireNonNull)
                    .findFirst();
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// Makes a permanent entry, or turns an existing one into it.
    public void setPermanent(int interfaceIndex, Address address, MacAddress mac) {
        NetlinkMessage request =
                header(
                                Rtnl.NEWNEIGH,
                                FLAG_ACK | FLAG_CREATE | FLAG_REPLACE,
                                address.family().number(),
                                interfaceIndex,
                                Neighbour.NUD_PERMANENT,
                                0,
                                TYPE_UNICAST)
                        .attr(Neighbour.NDA_DST, address)
                        .attr(Neighbour.NDA_LLADDR, mac.toBytes());
        socket.request("set neighbour " + address + " lladdr " + mac, request);
    }

    /// Has the kernel find out a neighbour's Ethernet address, or confirm it, as if it had a packet
    /// to send; the answer shows in the table and by a [NetlinkMonitor].
    public void resolve(int interfaceIndex, Address address) {
        NetlinkMessage request =
                header(
                                Rtnl.NEWNEIGH,
                                FLAG_ACK | FLAG_CREATE,
                                address.family().number(),
                                interfaceIndex,
                                0,
                                NTF_USE,
                                TYPE_UNICAST)
                        .attr(Neighbour.NDA_DST, address);
        socket.request("resolve neighbour " + address, request);
    }

    public void delete(int interfaceIndex, Address address) {
        NetlinkMessage request =
                header(Rtnl.DELNEIGH, FLAG_ACK, address.family().number(), interfaceIndex, 0, 0, 0)
                        .attr(Neighbour.NDA_DST, address);
        socket.request("delete neighbour " + address, request);
    }

    /// `struct ndmsg`: family, padding, interface, state, flags, type.
    private static NetlinkMessage header(
            int message, int flags, int family, int index, int state, int ntf, int type) {
        return new NetlinkMessage(message, flags)
                .u8(family)
                .u8(0)
                .u16(0)
                .u32(index)
                .u16(state)
                .u8(ntf)
                .u8(type);
    }
}
