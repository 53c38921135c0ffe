package org.jvs.linux;

/// The kernel's network configuration of one namespace, by rtnetlink. Open it in the namespace that
/// is meant; it stays there whichever thread uses it. Requests from several threads take turns.
public final class Netlink implements AutoCloseable {
    private final NetlinkSocket socket = new NetlinkSocket();
    private final Links links = new Links(socket);
    private final Addresses addresses = new Addresses(socket);
    private final Routes routes = new Routes(socket);
    private final Rules rules = new Rules(socket);
    private final Neighbours neighbours = new Neighbours(socket);

    private Netlink() {}

    /// For the calling thread's namespace.
    public static Netlink open() {
        return new Netlink();
    }

    /// For the given namespace.
    public static Netlink open(NetworkNamespace namespace) {
        return namespace.call(Netlink::open);
    }

    public Links links() {
        return links;
    }

    public Addresses addresses() {
        return addresses;
    }

    public Routes routes() {
        return routes;
    }

    public Rules rules() {
        return rules;
    }

    public Neighbours neighbours() {
        return neighbours;
    }

    @Override
    public void close() {
        socket.close();
    }
}
