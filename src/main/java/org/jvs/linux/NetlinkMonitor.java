package org.jvs.linux;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Hears of every change to links, addresses, routes and neighbours of one namespace. Open it first
/// and read the kernel's tables after, so that no change falls between. For one reading thread;
/// others may [#wakeup()].
public final class NetlinkMonitor implements AutoCloseable {
    private static final int[] GROUPS = {
        Rtnl.GROUP_LINK,
        Rtnl.GROUP_NEIGH,
        Rtnl.GROUP_IPV4_IFADDR,
        Rtnl.GROUP_IPV4_ROUTE,
        Rtnl.GROUP_IPV6_IFADDR,
        Rtnl.GROUP_IPV6_ROUTE
    };
    private static final int MSG_DONTWAIT = 0x40;
    private static final int RECEIVE_BUFFER_BYTES = 4 << 20;

    private final NetlinkSocket socket = new NetlinkSocket();
    private final EventFd wakeup = new EventFd();
    private final Poll poll;

    private NetlinkMonitor(int receiveBufferBytes) {
        socket.receiveBuffer(receiveBufferBytes);
        for (int group : GROUPS) {
            socket.join(group);
        }
        poll = new Poll(socket.fd(), wakeup.fd());
    }

    /// For the calling thread's namespace.
    public static NetlinkMonitor open() {
        return open(RECEIVE_BUFFER_BYTES);
    }

    static NetlinkMonitor open(int receiveBufferBytes) {
        return new NetlinkMonitor(receiveBufferBytes);
    }

    /// For the given namespace.
    public static NetlinkMonitor open(NetworkNamespace namespace) {
        return namespace.call(() -> open());
    }

    /// Readable when there is something to [#drain].
    public Fd fd() {
        return socket.fd();
    }

    /// Waits until there are changes, the time is over, or [#wakeup()], then hands out what there
    /// is.
    ///
    /// @param timeoutMs milliseconds, negative to wait without limit
    /// @return how many changes were handed out
    public int poll(long timeoutMs, Consumer<NetworkChange> receiver) {
        poll.await(timeoutMs < 0 ? -1 : timeoutMs * 1_000_000);
        wakeup.clear();
        return drain(receiver);
    }

    /// Hands out what is there, without waiting.
    public int drain(Consumer<NetworkChange> receiver) {
        int count = 0;
        List<NetlinkSocket.Message> batch = new ArrayList<>();
        while (true) {
            batch.clear();
            try {
                if (!socket.receive("netlink monitor", MSG_DONTWAIT, batch)) {
                    return count;
                }
            } catch (LinuxException e) {
                if (e.errno() != Errno.ENOBUFS) {
                    throw e;
                }
                receiver.accept(new NetworkChange.Overrun());
                count++;
                continue;
            }
            for (NetlinkSocket.Message message : batch) {
                NetworkChange change = parse(message);
                if (change != null) {
                    receiver.accept(change);
                    count++;
                }
            }
        }
    }

    private static @Nullable NetworkChange parse(NetlinkSocket.Message message) {
        ByteBuffer payload = message.payload();
        switch (message.type()) {
            case Rtnl.NEWLINK, Rtnl.DELLINK -> {
                if (!isBridgePort(payload)) {
                    return new NetworkChange.OfLink(
                            Link.parse(payload), message.type() == Rtnl.DELLINK);
                }
            }
            case Rtnl.NEWADDR, Rtnl.DELADDR -> {
                InterfaceAddress address = InterfaceAddress.parse(payload);
                if (address != null) {
                    return new NetworkChange.OfAddress(address, message.type() == Rtnl.DELADDR);
                }
            }
            case Rtnl.NEWROUTE, Rtnl.DELROUTE -> {
                Route route = Route.parse(payload);
                if (route != null) {
                    return new NetworkChange.OfRoute(route, message.type() == Rtnl.DELROUTE);
                }
            }
            case Rtnl.NEWNEIGH, Rtnl.DELNEIGH -> {
                Neighbour neighbour = Neighbour.parse(payload);
                if (neighbour != null) {
                    return new NetworkChange.OfNeighbour(
                            neighbour, message.type() == Rtnl.DELNEIGH);
                }
            }
            default -> {
                // Other families' messages, which nothing here needs.
            }
        }
        return null;
    }

    /// A bridge tells of its ports by link messages of its own family; a port's DELLINK there means
    /// that it left the bridge, not that the interface is gone.
    private static boolean isBridgePort(ByteBuffer payload) {
        int afBridge = 7;
        return payload.get(0) == afBridge;
    }

    /// Ends a [#poll] in another thread.
    public void wakeup() {
        wakeup.signal();
    }

    @Override
    public void close() {
        poll.close();
        wakeup.close();
        socket.close();
    }
}
