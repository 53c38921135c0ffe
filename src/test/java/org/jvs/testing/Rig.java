package org.jvs.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jvs.conformance.host.PacketBuilder;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.engine.Director;
import org.jvs.core.engine.DirectorOptions;
import org.jvs.core.engine.Engine;
import org.jvs.core.engine.Host;
import org.jvs.core.engine.Verdict;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.wire.Packet;

/** A director on a pretended host, with short ways to configure it and to hand it packets. */
public final class Rig {
    /** The virtual addresses, which are addresses of the host. */
    public static final String VIP = "10.0.0.1";

    public static final String VIP6 = "fd00::1";

    /** Realservers of the k-th service live in 10.k.0.0/16 and fd00:k::/32. */
    public final Director director;

    public final Engine engine;
    public final Packet packet = new Packet();
    public long now = 1000;
    private final Frame frame;

    /** Routes lead everywhere, with an MTU of 1500; the VIPs are local. */
    public static final class FixedHost implements Host {
        public int mtu = 1500;
        private final Set<Address> local = new HashSet<>();
        private final Map<Address, Integer> pathMtus = new HashMap<>();
        private final long vip6Hi = Address.parse(VIP6).hi();
        private final long vip4 = Address.parse(VIP).lo();
        private int version;

        /** Adds an address of the host. */
        public void addLocal(String address) {
            local.add(Address.parse(address));
            version++;
        }

        public void setMtu(int bytes) {
            mtu = bytes;
            version++;
        }

        @Override
        public int version() {
            return version;
        }

        @Override
        public boolean isAssigned(boolean ipv6, long hi, long lo) {
            return isLocal(ipv6, hi, lo);
        }

        @Override
        public int interfaceMtu(String name) {
            return name.equals("eth0") ? mtu : -1;
        }

        @Override
        public boolean isLocal(boolean ipv6, long hi, long lo) {
            if (ipv6 ? hi == vip6Hi && lo == 1 : lo == vip4) {
                return true;
            }
            return !local.isEmpty() && local.contains(address(ipv6, hi, lo));
        }

        @Override
        public int mtu(boolean ipv6, long hi, long lo) {
            return pathMtus.isEmpty()
                    ? mtu
                    : Math.min(mtu, pathMtus.getOrDefault(address(ipv6, hi, lo), mtu));
        }

        @Override
        public void learnMtu(boolean ipv6, long hi, long lo, int bytes, long nowMs) {
            pathMtus.put(address(ipv6, hi, lo), bytes);
            version++;
        }

        private static Address address(boolean ipv6, long hi, long lo) {
            return new Address(ipv6 ? Family.IPV6 : Family.IPV4, hi, lo);
        }

        @Override
        public boolean source(boolean ipv6, long hi, long lo, Source result) {
            result.hi = ipv6 ? vip6Hi : 0;
            result.lo = ipv6 ? 0xfe : 0x0a0000fe;
            return true;
        }
    }

    public final FixedHost host = new FixedHost();

    /** A director with so many connection slots per family. */
    public Rig(Arena arena, int slots) {
        this(arena, new DirectorOptions(slots, 512, 256, 0x5eed, 0));
    }

    public Rig(Arena arena, DirectorOptions options) {
        director = new Director(options, host, arena);
        engine = director.engine();
        director.advance(now);
        frame = new Frame(arena, 65_536);
    }

    public static ServiceKey service(int protocol, String vip, int port) {
        return ServiceKey.virtual(protocol, Address.parse(vip), port);
    }

    /** Adds a service that is not persistent. */
    public ServiceKey add(int protocol, String vip, int port, String scheduler) {
        return add(service(protocol, vip, port), scheduler, 0, 0);
    }

    /** Adds a service. */
    public ServiceKey add(ServiceKey key, String scheduler, int flags, int timeoutSeconds) {
        apply(new Command.AddService(spec(key, scheduler, flags, timeoutSeconds)));
        return key;
    }

    public static ServiceSpec spec(ServiceKey key, String scheduler, int flags, int seconds) {
        int netmask = key.family() == Family.IPV6 ? 128 : -1;
        return new ServiceSpec(key, scheduler, flags, seconds, netmask, "");
    }

    public static DestinationSpec destination(
            String address, int port, ForwardingMethod method, int weight) {
        return new DestinationSpec(
                Address.parse(address), port, method, weight, 0, 0, DestinationSpec.Tunnel.IPIP);
    }

    /** Adds a destination of weight 1. */
    public void add(ServiceKey key, String address, int port, ForwardingMethod method) {
        apply(new Command.AddDestination(key, destination(address, port, method, 1)));
    }

    /** Carries out a command that must succeed. */
    public void apply(Command command) {
        assertThat(director.apply(List.of(command))).as("%s", command).containsExactly(Outcome.OK);
    }

    /** What becomes of a command. */
    public Outcome outcome(Command command) {
        return director.apply(List.of(command)).getFirst();
    }

    public void set(String name, Object value) {
        apply(new Command.SetSetting(name, String.valueOf(value)));
    }

    /** Hands a packet to the engine; {@link #packet} then holds the result. */
    public Verdict process(byte[] bytes) {
        frame.load(bytes, packet);
        Verdict verdict = engine.process(packet, now);
        frame.checkGuards();
        return verdict;
    }

    /** The same for a packet that the director's host sends itself. */
    public Verdict processFromHost(byte[] bytes) {
        frame.load(bytes, packet);
        packet.fromHost = true;
        Verdict verdict = engine.process(packet, now);
        frame.checkGuards();
        return verdict;
    }

    /** Lets time pass. */
    public void advance(long ms) {
        now += ms;
        director.advance(now);
    }

    /** A TCP packet from a client to the IPv4 or IPv6 VIP. */
    public static byte[] tcp(String client, int clientPort, int port, int flags) {
        String vip = client.indexOf(':') >= 0 ? VIP6 : VIP;
        return PacketBuilder.from(client, clientPort).to(vip, port).tcp(flags).bytes();
    }

    /** A UDP packet from a client to the IPv4 or IPv6 VIP. */
    public static byte[] udp(String client, int clientPort, int port) {
        String vip = client.indexOf(':') >= 0 ? VIP6 : VIP;
        return PacketBuilder.from(client, clientPort).to(vip, port).udp().payload(16).bytes();
    }

    /** Entries of both tables. */
    public long connections() {
        return director.connections(Family.IPV4).size() + director.connections(Family.IPV6).size();
    }
}
