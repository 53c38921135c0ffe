package org.jvs.datapath.program;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jvs.conformance.host.PacketBuilder;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.admin.Timeouts;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;
import org.jvs.core.state.TcpState;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Control;
import org.jvs.core.wire.Ip;
import org.jvs.testing.Mutations;
import org.jvs.testing.Rig;

/// Services of all kinds, and packets of a few clients to them and back: good ones, odd ones and
/// mangled ones. Everything follows from the seed.
final class RandomPackets {
    private static final String[] SWITCHES = {
        "sloppy_tcp", "nat_icmp_send", "expire_nodest_conn", "expire_quiescent_template"
    };

    private final SplittableRandom random;
    private final Duel duel;
    private final Rig rig;
    private final List<ServiceKey> services = new ArrayList<>();

    RandomPackets(Duel duel, long seed) {
        this.duel = duel;
        this.rig = duel.rig;
        random = new SplittableRandom(seed);
        ForwardingMethod[] methods = {
            ForwardingMethod.NAT, ForwardingMethod.DIRECT, ForwardingMethod.TUNNEL
        };
        int port = 80;
        for (int protocol : new int[] {Protocol.TCP, Protocol.UDP}) {
            for (ForwardingMethod method : methods) {
                for (String vip : new String[] {Rig.VIP, Rig.VIP6}) {
                    ServiceKey key = Rig.service(protocol, vip, port);
                    boolean persistent = port % 3 == 1;
                    rig.add(key, "rr", persistent ? ServiceSpec.PERSISTENT : 0, persistent ? 5 : 0);
                    services.add(key);
                    boolean ipv6 = vip.equals(Rig.VIP6);
                    rig.add(key, server(ipv6, 1), 8080, method);
                    rig.add(key, server(ipv6, 2), port == 80 ? 0 : 8081, method);
                    if (method == ForwardingMethod.TUNNEL) {
                        rig.add(key, server(!ipv6, 3), 8080, method);
                    }
                }
                port++;
            }
        }
        duel.settle();
        for (String sibling : new String[] {"10.0.1.1", "fd00:0:0:1::1"}) {
            AddressMarks.addVirtual(duel.tables.addresses, Address.parse(sibling));
        }
        for (String sibling : new String[] {"10.2.0.1", "fd00:1:0:1::1"}) {
            AddressMarks.addRealserver(duel.tables.addresses, Address.parse(sibling));
        }
    }

    /// Now and then an address that differs in one half only, and is looked up all the same.
    private String sibling(String address) {
        if (random.nextInt(24) != 0) {
            return address;
        }
        return switch (address) {
            case Rig.VIP -> "10.0.1.1";
            case Rig.VIP6 -> "fd00:0:0:1::1";
            case "10.1.0.1" -> "10.2.0.1";
            case "fd00:1::1" -> "fd00:1:0:1::1";
            default -> address.replace("2001:db8::", "2001:db8:0:1::");
        };
    }

    private static String server(boolean ipv6, int number) {
        return (ipv6 ? "fd00:1::" : "10.1.0.") + number;
    }

    /// One more packet, and now and then time, settings and states that change before it.
    void step(int index) {
        if (random.nextInt(64) == 0) {
            rig.advance(random.nextInt(8) == 0 ? random.nextInt(1_000_000) : random.nextInt(3000));
        }
        if (random.nextInt(200) == 0) {
            shake();
        }
        if (random.nextInt(4) == 0) {
            disturb();
        }
        byte[] packet = relevant();
        if (random.nextInt(6) == 0) {
            packet = new Mutations(random, List.of(packet, relevant())).next();
        }
        duel.fight(packet);
    }

    private byte[] relevant() {
        ServiceKey key = services.get(random.nextInt(services.size()));
        boolean ipv6 = key.family() == Family.IPV6;
        String client = sibling((ipv6 ? "2001:db8::" : "11.0.0.") + (1 + random.nextInt(4)));
        int clientPort = 1000 + random.nextInt(3);
        PacketBuilder builder;
        if (random.nextInt(3) == 0) {
            int number = 1 + random.nextInt(2);
            int port = number == 1 ? 8080 : key.port() == 80 ? 80 : 8081;
            builder =
                    PacketBuilder.from(sibling(server(ipv6, number)), port).to(client, clientPort);
        } else {
            builder =
                    PacketBuilder.from(client, clientPort)
                            .to(sibling(ipv6 ? Rig.VIP6 : Rig.VIP), key.port());
        }
        builder.payload(random.nextInt(60)).ttl(random.nextInt(12) == 0 ? random.nextInt(3) : 64);
        if (random.nextInt(16) == 0) {
            builder.payload(1380 + random.nextInt(130));
        }
        if (random.nextBoolean()) {
            builder.dontFragment();
        }
        builder.tos(random.nextInt(256)).id(random.nextInt(65_536));
        if (random.nextInt(16) == 0) {
            builder.checksumError(1 + random.nextInt(65_535));
        }
        if (!ipv6 && random.nextInt(32) == 0) {
            builder.options(4 * (1 + random.nextInt(10)));
        }
        if (!ipv6 && random.nextInt(32) == 0) {
            builder.fragmentField(random.nextInt(65_536));
        }
        if (key.protocol() == Protocol.UDP) {
            return (random.nextInt(8) == 0 ? builder.udpWithoutChecksum() : builder.udp()).bytes();
        }
        int[] flags = {
            Ip.SYN,
            Ip.ACK,
            Ip.ACK,
            Ip.ACK,
            Ip.PSH | Ip.ACK,
            Ip.SYN | Ip.ACK,
            Ip.FIN | Ip.ACK,
            Ip.RST
        };
        return builder.tcp(
                        random.nextInt(4) == 0
                                ? random.nextInt(256)
                                : flags[random.nextInt(flags.length)])
                .bytes();
    }

    /// Puts a connection into another state.
    private void disturb() {
        ConnectionTable table =
                rig.director.connections(random.nextBoolean() ? Family.IPV4 : Family.IPV6);
        int slot = random.nextInt(table.slots());
        long word = table.control(slot);
        if (Control.phase(word) != Control.LIVE || Control.has(word, Control.TEMPLATE)) {
            return;
        }
        int state = random.nextInt(TcpState.COUNT);
        long next = Control.withState(word, state);
        next = random.nextBoolean() ? next | Control.NO_OUTPUT : next & ~Control.NO_OUTPUT;
        next = TcpState.isActive(state) ? next & ~Control.INACTIVE : next | Control.INACTIVE;
        if (random.nextInt(8) == 0) {
            next = Control.withTimeout(next, random.nextInt(200_000));
        }
        table.update(slot, word, next);
    }

    private void shake() {
        rig.set(SWITCHES[random.nextInt(SWITCHES.length)], random.nextInt(2));
        rig.set("conn_reuse_mode", random.nextInt(4));
        rig.set("secure_tcp", random.nextInt(4));
        duel.pathMtuDiscovery = random.nextBoolean();
        rig.set("pmtu_disc", duel.pathMtuDiscovery ? 1 : 0);
        Address server = Address.parse(server(random.nextBoolean(), 1 + random.nextInt(3)));
        int[] mtus = {0, 1300, 1400, 1500, 1500};
        rig.host.learnMtu(
                server.isIpv6(), server.hi(), server.lo(), mtus[random.nextInt(mtus.length)], 0);
        rig.apply(
                new Command.SetTimeouts(
                        new Timeouts(
                                random.nextInt(100_000),
                                random.nextInt(200),
                                random.nextInt(40_000))));
        ServiceKey key = services.get(random.nextInt(services.size()));
        ForwardingMethod method =
                switch (key.port()) {
                    case 80, 83 -> ForwardingMethod.NAT;
                    case 81, 84 -> ForwardingMethod.DIRECT;
                    default -> ForwardingMethod.TUNNEL;
                };
        var destination =
                Rig.destination(
                        server(key.family() == Family.IPV6, 1), 8080, method, random.nextInt(3));
        // may fail, as the one or the other is already done
        rig.outcome(
                switch (random.nextInt(3)) {
                    case 0 -> new Command.DeleteDestination(key, destination);
                    case 1 -> new Command.EditDestination(key, destination);
                    default -> new Command.AddDestination(key, destination);
                });
        duel.settle();
    }
}
