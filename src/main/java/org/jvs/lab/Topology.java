package org.jvs.lab;

import java.util.ArrayList;
import java.util.List;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.linux.MacAddress;

/// The network of the demo and the end-to-end tests, which is that of the kernel recordings too:
///
/// ```
///                                                    +-- rs1 10.10.2.11
///  client 10.10.1.2 -- brc -- eth0 DIRECTOR eth1 -- brs -- rs2 10.10.2.12
///                       |  10.10.1.1   10.10.2.1     +-- rs3 10.10.2.13
///                       |  VIP 10.10.1.100           |
///                       +---- eth1 of rs1..3 --------+   (direct routing and tunnels only)
///                             10.10.1.11 ...
/// ```
///
/// IPv6 alike: `fd00:10:1::/64` on the client side, `fd00:10:2::/64` on the realservers', the same
/// last numbers. The VIP is an address of the director's eth0. For NAT the realservers' default
/// route is the director. For direct routing and tunnels they carry the VIP on `lo`, answer no ARP
/// for it, and reach the client by a leg of their own; for tunnels they decapsulate.
public final class Topology {
    /// What the lab shall be like.
    ///
    /// @param method the forwarding method that the realservers are made ready for
    /// @param realservers 1 to 99
    /// @param plainWires checksums complete and nothing merged, as on real wires; without it, what
    ///   veths do when nobody turns it off
    public record Options(ForwardingMethod method, int realservers, boolean plainWires) {
        /// Three realservers, plain wires.
        public static Options of(ForwardingMethod method) {
            return new Options(method, 3, true);
        }

        public Options withRealservers(int count) {
            return new Options(method, count, plainWires);
        }

        public Options withPlainWires(boolean plain) {
            return new Options(method, realservers, plain);
        }
    }

    private static final List<String> NETS_V4 = List.of("10.10.1.", "10.10.2.");
    private static final List<String> NETS_V6 = List.of("fd00:10:1::", "fd00:10:2::");
    private static final int CLIENT_SIDE = 0;
    private static final int SERVER_SIDE = 1;

    private final Lab lab;
    private final Options options;
    private final LabHost exchange;
    private final LabHost client;
    private final LabHost director;
    private final List<LabHost> realservers = new ArrayList<>();

    /// Builds it in a lab, which closes it.
    public Topology(Lab lab, Options options) {
        if (options.realservers() < 1 || options.realservers() > 99) {
            throw new IllegalArgumentException(
                    "the number of realservers, " + options.realservers() + ", is not in 1..99");
        }
        this.lab = lab;
        this.options = options;
        exchange = lab.host("switch");
        for (String which : List.of("all", "default")) {
            exchange.sysctl("net/ipv6/conf/" + which + "/disable_ipv6", "1");
        }
        exchange.bridge("brc");
        exchange.bridge("brs");
        director = lab.host("director");
        director.forward();
        plugDirector();
        client = lab.host("client");
        connect(client, "eth0", CLIENT_SIDE, 2);
        client.route("10.10.2.0/24", "10.10.1.1");
        client.route("fd00:10:2::/64", "fd00:10:1::1");
        for (int i = 1; i <= options.realservers(); i++) {
            realservers.add(realserver(i));
        }
    }

    private void plugDirector() {
        connect(director, "eth0", CLIENT_SIDE, 1);
        connect(director, "eth1", SERVER_SIDE, 1);
        // always the same, so that a director with new interfaces is found where the old one was
        setMac("eth0", "52:54:00:0a:01:01");
        setMac("eth1", "52:54:00:0a:02:01");
        director.address("eth0", vip(Family.IPV4));
        director.address("eth0", vip(Family.IPV6));
    }

    private void setMac(String link, String mac) {
        director.netlink().links().setMac(director.link(link).index(), MacAddress.parse(mac));
    }

    /// Takes the director's interfaces away and makes new ones with the same addresses.
    public void replugDirector() {
        director.netlink().links().deleteIfExists("eth0");
        director.netlink().links().deleteIfExists("eth1");
        plugDirector();
    }

    private LabHost realserver(int number) {
        LabHost host = lab.host("rs" + number);
        connect(host, "eth0", SERVER_SIDE, 10 + number);
        host.route("0.0.0.0/0", "10.10.2.1");
        host.route("::/0", "fd00:10:2::1");
        if (options.method() != ForwardingMethod.NAT) {
            host.hideLoopbackAddresses();
            host.address("lo", vip(Family.IPV4));
            host.address("lo", vip(Family.IPV6));
            connect(host, "eth1", CLIENT_SIDE, 10 + number);
        }
        if (options.method() == ForwardingMethod.TUNNEL) {
            lab.closing(host.call(() -> Decapsulator.start(host.netlink())));
        }
        return host;
    }

    private void connect(LabHost host, String link, int side, int number) {
        String port = host.label() + "-" + link.substring(3);
        lab.wire(host, link, exchange, port, options.plainWires());
        if (host == director && options.plainWires()) {
            // an end that receives by itself takes what an XDP program sends, as a real card does
            exchange.receiveByItself(port);
        }
        exchange.plug(port, side == CLIENT_SIDE ? "brc" : "brs");
        host.address(link, NETS_V4.get(side) + number + "/24");
        host.address(link, NETS_V6.get(side) + number + "/64");
    }

    /// Pulls a realserver's cable on the director's side; its addresses stay.
    ///
    /// @param number from 1
    public void cut(int number) {
        exchange.down("rs" + number + "-0");
    }

    /// Puts back what [#cut(int)] pulled.
    public void mend(int number) {
        exchange.up("rs" + number + "-0");
    }

    public Lab lab() {
        return lab;
    }

    public Options options() {
        return options;
    }

    public LabHost client() {
        return client;
    }

    public LabHost director() {
        return director;
    }

    /// `rs1`, `rs2` ... in this order.
    public List<LabHost> realservers() {
        return List.copyOf(realservers);
    }

    /// The virtual IP: 10.10.1.100 or fd00:10:1::100.
    public static Address vip(Family family) {
        return Address.parse(family == Family.IPV6 ? "fd00:10:1::100" : "10.10.1.100");
    }

    /// The address of a realserver on the director's side: 10.10.2.11 or fd00:10:2::11 for the
    /// first.
    ///
    /// @param number from 1, as in its name
    public static Address rip(int number, Family family) {
        List<String> nets = family == Family.IPV6 ? NETS_V6 : NETS_V4;
        return Address.parse(nets.get(SERVER_SIDE) + (10 + number));
    }
}
