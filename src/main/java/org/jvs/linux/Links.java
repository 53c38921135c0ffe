package org.jvs.linux;

import static org.jvs.linux.NetlinkMessage.FLAG_ACK;
import static org.jvs.linux.NetlinkMessage.FLAG_CREATE;
import static org.jvs.linux.NetlinkMessage.FLAG_DUMP;
import static org.jvs.linux.NetlinkMessage.FLAG_EXCL;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Interfaces of one namespace: listing, making, changing, removing. Every change throws
/// [LinuxException] with the kernel's own words if it is refused.
public final class Links {
    private static final int VETH_INFO_PEER = 1;
    private static final int MAX_NAME_BYTES = 15;

    private final NetlinkSocket socket;

    Links(NetlinkSocket socket) {
        this.socket = socket;
    }

    public List<Link> list() {
        return socket.dump("list links", header(Rtnl.GETLINK, FLAG_DUMP, 0, 0, 0)).stream()
                .filter(m -> m.type() == Rtnl.NEWLINK)
                .map(m -> Link.parse(m.payload()))
                .toList();
    }

    /// The link of that name, if there is one.
    public Optional<Link> find(String name) {
        checkName(name);
        NetlinkMessage request =
                header(Rtnl.GETLINK, FLAG_ACK, 0, 0, 0).attr(Link.IFLA_IFNAME, name);
        return one("link " + name, request);
    }

    /// The link of that index, if there is one.
    public Optional<Link> find(int index) {
        return one("link " + index, header(Rtnl.GETLINK, FLAG_ACK, index, 0, 0));
    }

    /// The link of that name.
    ///
    /// @throws LinuxException ENODEV if there is none
    public Link get(String name) {
        return find(name).orElseThrow(() -> new LinuxException("link " + name, Errno.ENODEV));
    }

    private Optional<Link> one(String what, NetlinkMessage request) {
        try {
            return socket.request(what, request).stream()
                    .filter(m -> m.type() == Rtnl.NEWLINK)
                    .map(m -> Link.parse(m.payload()))
                    .findFirst();
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENODEV) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// A pair of virtual Ethernet interfaces, each made in the namespace its spec names. Both are
    /// down.
    public void createVeth(LinkSpec one, LinkSpec other) {
        withNamespace(
                other.namespace(),
                peerFd ->
                        create(
                                one,
                                "veth",
                                data ->
                                        data.nest(
                                                VETH_INFO_PEER,
                                                peer ->
                                                        common(
                                                                ifinfo(peer, 0, 0, 0),
                                                                other,
                                                                peerFd))));
    }

    public void createBridge(LinkSpec spec) {
        create(spec, "bridge", _ -> {});
    }

    /// An interface that swallows what is sent to it; a place to put a VIP.
    ///
    /// @throws LinuxException EOPNOTSUPP where the kernel was built without it; `lo` serves as well
    public void createDummy(LinkSpec spec) {
        create(spec, "dummy", _ -> {});
    }

    private void create(LinkSpec spec, String kind, Consumer<NetlinkMessage> data) {
        withNamespace(
                spec.namespace(),
                fd -> {
                    NetlinkMessage request =
                            header(Rtnl.NEWLINK, FLAG_ACK | FLAG_CREATE | FLAG_EXCL, 0, 0, 0);
                    common(request, spec, fd);
                    request.nest(
                            Link.IFLA_LINKINFO,
                            info -> {
                                info.attr(Link.IFLA_INFO_KIND, kind);
                                info.nest(Link.IFLA_INFO_DATA, data);
                            });
                    socket.request("create " + kind + " " + spec.name(), request);
                });
    }

    private static void common(NetlinkMessage message, LinkSpec spec, @Nullable Fd namespace) {
        message.attr(Link.IFLA_IFNAME, spec.name());
        MacAddress mac = spec.mac();
        if (mac != null) {
            message.attr(Link.IFLA_ADDRESS, mac.toBytes());
        }
        if (spec.mtu() != 0) {
            message.attrU32(Link.IFLA_MTU, spec.mtu());
        }
        if (spec.queues() != 0) {
            message.attrU32(Link.IFLA_NUM_TX_QUEUES, spec.queues());
            message.attrU32(Link.IFLA_NUM_RX_QUEUES, spec.queues());
        }
        if (namespace != null) {
            message.attrU32(Link.IFLA_NET_NS_FD, namespace.value());
        }
    }

    private static void withNamespace(
            @Nullable NetworkNamespace namespace, Consumer<@Nullable Fd> body) {
        if (namespace == null) {
            body.accept(null);
            return;
        }
        try (Fd fd = namespace.open()) {
            body.accept(fd);
        }
    }

    /// Removes a link; the other end of a veth goes with it.
    public void delete(int index) {
        socket.request("delete link " + index, header(Rtnl.DELLINK, FLAG_ACK, index, 0, 0));
    }

    /// As [#delete(int)] by name; no error if there is none.
    public boolean deleteIfExists(String name) {
        Optional<Link> link = find(name);
        link.ifPresent(l -> delete(l.index()));
        return link.isPresent();
    }

    public void setUp(int index) {
        setFlags(index, Link.IFF_UP);
    }

    public void setDown(int index) {
        setFlags(index, 0);
    }

    private void setFlags(int index, int up) {
        String what = "set link " + index + (up == 0 ? " down" : " up");
        socket.request(what, header(Rtnl.NEWLINK, FLAG_ACK, index, up, Link.IFF_UP));
    }

    public void setMtu(int index, int bytes) {
        change(index, "mtu " + bytes, m -> m.attrU32(Link.IFLA_MTU, bytes));
    }

    public void setMac(int index, MacAddress mac) {
        change(index, "address " + mac, m -> m.attr(Link.IFLA_ADDRESS, mac.toBytes()));
    }

    /// Renames a link (before Linux 6.2 it must be down).
    public void rename(int index, String name) {
        checkName(name);
        change(index, "name " + name, m -> m.attr(Link.IFLA_IFNAME, name));
    }

    /// Enslaves a link to a bridge or bond; master 0 sets it free.
    public void setMaster(int index, int master) {
        change(index, "master " + master, m -> m.attrU32(Link.IFLA_MASTER, master));
    }

    /// Moves a link; it arrives down, without addresses, and perhaps with another index.
    public void move(int index, NetworkNamespace destination) {
        try (Fd fd = destination.open()) {
            change(index, "netns " + destination, m -> m.attrU32(Link.IFLA_NET_NS_FD, fd.value()));
        }
    }

    private void change(int index, String what, Consumer<NetlinkMessage> attributes) {
        NetlinkMessage request = header(Rtnl.NEWLINK, FLAG_ACK, index, 0, 0);
        attributes.accept(request);
        socket.request("set link " + index + " " + what, request);
    }

    private static NetlinkMessage header(int type, int flags, int index, int up, int mask) {
        return ifinfo(new NetlinkMessage(type, flags), index, up, mask);
    }

    /// `struct ifinfomsg`: family, pad, type, index, flags, which of them to change.
    private static NetlinkMessage ifinfo(NetlinkMessage message, int index, int up, int mask) {
        return message.u8(Rtnl.AF_UNSPEC).u8(0).u16(0).u32(index).u32(up).u32(mask);
    }

    static void checkName(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        boolean bad =
                bytes < 1
                        || bytes > MAX_NAME_BYTES
                        || name.equals(".")
                        || name.equals("..")
                        || name.chars()
                                .anyMatch(c -> c == '/' || c == ':' || Character.isWhitespace(c));
        if (bad) {
            throw new IllegalArgumentException(
                    "interface name '"
                            + name
                            + "' must have 1..15 bytes without '/', ':' or white space");
        }
    }
}
