package org.jvs.datapath;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;
import org.jvs.ebpf.Xdp;
import org.jvs.lab.Lab;
import org.jvs.lab.LabHost;
import org.jvs.lab.Services;
import org.jvs.linux.BpfMap;
import org.jvs.linux.BpfProgram;
import org.jvs.linux.MacAddress;
import org.jvs.linux.Prefix;
import org.jvs.linux.Route;
import org.jvs.linux.Umem;
import org.jvs.linux.XdpSocket;

/// What the XDP program hands up and what it passes, run by the kernel on single packets.
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FilterRootTest {
    private static final String MAC = "02:00:00:00:00:01";
    private static final String VIP = "10.1.0.100";
    private static final String VIP6 = "fd01::100";
    private static final String OWN = "10.1.0.1";
    private static final String RIP = "10.2.0.2";
    private static final String RIP6 = "fd02::2";
    private static final String CLIENT = "192.0.2.9";
    private static final String CLIENT6 = "2001:db8::9";

    private final Lab lab = Lab.create();
    private final Arena arena = Arena.ofShared();
    private final HostTables host = new HostTables();
    private final ServiceFilter filter = new ServiceFilter(host);
    private final BpfMap sockets = BpfMap.xskMap("jvs_sockets", 1);
    private final Umem umem = Umem.allocate(64, 2048);
    private final BpfProgram program;
    private final XdpSocket socket;
    private long now;

    FilterRootTest() {
        LabHost here = lab.host("here");
        LabHost there = lab.host("there");
        lab.wire(here, "eth0", there, "eth0", true);
        int index = here.link("eth0").index();
        socket = here.call(() -> XdpSocket.open(umem, index, 0, XdpSocket.Mode.COPY, 64));
        sockets.put(0, socket.fd().value());
        program = Loader.loadXdp(FilterProgram.of(MacAddress.parse(MAC)), filter.map(), sockets);
    }

    @BeforeAll
    void giveTheHostItsAddresses() {
        publishLocal(VIP, VIP6, OWN, "10.1.0.101", "10.1.0.102");
    }

    private void publishLocal(String... addresses) {
        List<Route> ipv4 = new ArrayList<>();
        List<Route> ipv6 = new ArrayList<>();
        for (String text : addresses) {
            Address address = Address.parse(text);
            (address.isIpv6() ? ipv6 : ipv4).add(Route.local(Prefix.host(address), 1));
        }
        int version = host.version() + 1;
        host.publish(new HostTables.Snapshot(version, List.of(), List.of(), ipv4, ipv6));
        filter.hostChanged();
    }

    @AfterAll
    void tearDown() {
        program.close();
        socket.close();
        sockets.close();
        filter.close();
        umem.close();
        arena.close();
        lab.close();
    }

    private void apply(Command... commands) {
        List<Outcome> outcomes = new ArrayList<>();
        for (Command _ : commands) {
            outcomes.add(Outcome.OK);
        }
        filter.follow(List.of(commands), outcomes, now);
    }

    private static ServiceKey tcp(String address, int port) {
        return ServiceKey.virtual(Protocol.TCP, Address.parse(address), port);
    }

    private static ServiceKey udp(String address, int port) {
        return ServiceKey.virtual(Protocol.UDP, Address.parse(address), port);
    }

    private static Command nat(ServiceKey key, String address, int port) {
        return Services.add(
                key, Services.destination(Address.parse(address), port, ForwardingMethod.NAT, 1));
    }

    /// A frame with a transport header of zeros but for its ports.
    private static byte[] frame(String from, int fromPort, String to, int toPort, int protocol) {
        ByteBuffer transport = ByteBuffer.allocate(64);
        transport.putShort((short) fromPort).putShort((short) toPort);
        return frame(from, to, protocol, transport.array());
    }

    private static byte[] frame(String from, String to, int protocol, byte[] payload) {
        Address source = Address.parse(from);
        ByteBuffer frame = ByteBuffer.allocate(200);
        frame.put(MacAddress.parse(MAC).toBytes());
        frame.put(MacAddress.parse("02:00:00:00:00:02").toBytes());
        if (source.isIpv6()) {
            frame.putShort((short) 0x86dd).putInt(0x60000000).putShort((short) payload.length);
            frame.put((byte) protocol).put((byte) 64);
        } else {
            frame.putShort((short) 0x0800).put((byte) 0x45).put((byte) 0);
            frame.putShort((short) (20 + payload.length)).putInt(0);
            frame.put((byte) 64).put((byte) protocol).putShort((short) 0);
        }
        frame.put(source.toBytes()).put(Address.parse(to).toBytes()).put(payload);
        byte[] bytes = new byte[frame.position()];
        frame.get(0, bytes);
        return bytes;
    }

    private static byte[] icmp(String from, String to, int type, byte[] quoted) {
        ByteBuffer message = ByteBuffer.allocate(100);
        message.put((byte) type).put((byte) 0).putShort((short) 0).putInt(0);
        // the quoted packet without its Ethernet header
        message.put(quoted, 14, Math.min(quoted.length - 14, 90));
        boolean ipv6 = from.contains(":");
        return frame(from, to, ipv6 ? Protocol.ICMPV6 : Protocol.ICMP, message.array());
    }

    private void assertUp(String what, byte[] frame) {
        assertThat(run(frame)).as(what).isEqualTo(Xdp.REDIRECT);
    }

    private void assertPass(String what, byte[] frame) {
        assertThat(run(frame)).as(what).isEqualTo(Xdp.PASS);
    }

    private int run(byte[] frame) {
        MemorySegment packet = arena.allocate(frame.length, 8);
        MemorySegment.copy(frame, 0, packet, JAVA_BYTE, 0, frame.length);
        return program.testRun(packet, null, 1).result();
    }

    @Test
    void servicesAndRepliesGoUpAndNothingElse() {
        apply(
                Services.add(tcp(VIP, 80), "rr"),
                nat(tcp(VIP, 80), RIP, 8080),
                Services.add(tcp(VIP6, 80), "rr"),
                nat(tcp(VIP6, 80), RIP6, 8080));
        for (String[] side : new String[][] {{CLIENT, VIP, RIP, OWN}, {CLIENT6, VIP6, RIP6, ""}}) {
            String client = side[0];
            String vip = side[1];
            String rip = side[2];
            assertUp("request", frame(client, 4000, vip, 80, Protocol.TCP));
            assertPass("other port", frame(client, 4000, vip, 22, Protocol.TCP));
            assertPass("other protocol", frame(client, 4000, vip, 80, Protocol.UDP));
            assertPass("other address", frame(client, 4000, client, 80, Protocol.TCP));
            assertUp("reply", frame(rip, 8080, client, 4000, Protocol.TCP));
            assertPass("realserver's other port", frame(rip, 22, client, 4000, Protocol.TCP));
            assertPass("realserver's own", frame(rip, 8080, client, 4000, Protocol.UDP));
            assertPass("to a realserver", frame(client, 4000, rip, 8080, Protocol.TCP));
            assertPass("ESP", frame(client, 0, vip, 0, Protocol.ESP));
            byte[] short4 = frame(client, vip, Protocol.TCP, new byte[2]);
            assertPass("without ports", short4);
            byte[] tagged = frame(client, 4000, vip, 80, Protocol.TCP);
            tagged[12] = (byte) 0x81;
            tagged[13] = 0;
            assertPass("VLAN tag", tagged);
            byte[] other = frame(client, 4000, vip, 80, Protocol.TCP);
            other[5] = 9;
            assertPass("for another host", other);
        }
        assertPass("reply to this machine", frame(RIP, 8080, OWN, 4000, Protocol.TCP));
        assertPass("truncated", java.util.Arrays.copyOf(frame(CLIENT, 1, VIP, 80, 6), 20));
        apply(new Command.Flush());
        assertPass("no service at all", frame(CLIENT, 4000, VIP, 80, Protocol.TCP));
        assertPass("no service at all", frame(RIP, 8080, CLIENT, 4000, Protocol.TCP));
    }

    @Test
    void icmpErrorsGoUpAndEchoDoesNot() {
        apply(
                Services.add(tcp(VIP, 80), "rr"),
                nat(tcp(VIP, 80), RIP, 8080),
                Services.add(tcp(VIP6, 80), "rr"),
                nat(tcp(VIP6, 80), RIP6, 8080));
        byte[] forwarded = frame(CLIENT, 4000, RIP, 8080, Protocol.TCP);
        byte[] answered = frame(VIP, 80, CLIENT, 4000, Protocol.TCP);
        byte[] tunnelled = frame(OWN, RIP, Protocol.IPIP, answered);
        byte[] foreign = frame(CLIENT, 4000, "198.51.100.1", 80, Protocol.TCP);
        for (int type : new int[] {3, 4, 11}) {
            assertUp("by a realserver", icmp(RIP, CLIENT, type, forwarded));
            assertUp("by a router", icmp("10.2.0.9", CLIENT, type, forwarded));
            assertUp("about a reply", icmp("192.0.2.1", VIP, type, answered));
            assertUp("about a tunnel", icmp("10.2.0.9", OWN, type, tunnelled));
            assertPass("about the host's own", icmp("10.2.0.9", OWN, type, foreign));
            assertPass("passing by", icmp("10.2.0.9", CLIENT, type, foreign));
        }
        for (int type : new int[] {0, 5, 8, 13}) {
            assertPass("no error", icmp(CLIENT, VIP, type, answered));
        }
        byte[] forwarded6 = frame(CLIENT6, 4000, RIP6, 8080, Protocol.TCP);
        byte[] answered6 = frame(VIP6, 80, CLIENT6, 4000, Protocol.TCP);
        for (int type : new int[] {1, 2, 3, 4}) {
            assertUp("by a router", icmp("fd02::9", CLIENT6, type, forwarded6));
            assertUp("about a reply", icmp("2001:db8::1", VIP6, type, answered6));
        }
        for (int type : new int[] {128, 129, 133, 134, 135, 136}) {
            assertPass("echo and discovery", icmp(CLIENT6, VIP6, type, answered6));
        }
        apply(new Command.Flush());
    }

    @Test
    void ftpAndAllPortsHaveRulesOfTheirOwn() {
        apply(
                Services.addPersistent(tcp("10.1.0.101", 21), "rr", 60),
                nat(tcp("10.1.0.101", 21), RIP, 21),
                Services.addPersistent(udp("10.1.0.102", 0), "rr", 60),
                nat(udp("10.1.0.102", 0), "10.2.0.3", 0));
        for (int port : new int[] {20, 21, 1024, 50000}) {
            assertUp("ftp " + port, frame(CLIENT, 4000, "10.1.0.101", port, Protocol.TCP));
        }
        assertPass("no ftp", frame(CLIENT, 4000, "10.1.0.101", 80, Protocol.TCP));
        assertPass("no ftp", frame(CLIENT, 4000, "10.1.0.101", 2000, Protocol.UDP));
        assertUp("ftp data", frame(RIP, 20, CLIENT, 4000, Protocol.TCP));
        assertUp("ftp data", frame(RIP, 40000, CLIENT, 4000, Protocol.TCP));
        assertPass("ftp server's own", frame(RIP, 40000, OWN, 4000, Protocol.TCP));
        for (int port : new int[] {1, 53, 60000}) {
            assertUp("all ports", frame(CLIENT, 4000, "10.1.0.102", port, Protocol.UDP));
            assertUp("all ports", frame("10.2.0.3", port, CLIENT, 4000, Protocol.UDP));
            assertPass("all ports", frame(CLIENT, 4000, "10.1.0.102", port, Protocol.TCP));
        }
        assertUp("IPsec of all ports", frame(CLIENT, 0, "10.1.0.102", 0, Protocol.ESP));
        apply(new Command.Flush());
    }

    @Test
    void fragmentsAndExtensionHeadersGoUp() {
        apply(
                Services.add(udp(VIP, 53), "rr"),
                nat(udp(VIP, 53), RIP, 53),
                Services.add(udp(VIP6, 53), "rr"));
        byte[] later = frame(CLIENT, VIP, Protocol.UDP, new byte[50]);
        later[20] = 0x20;
        assertUp("fragment", later);
        byte[] reply = frame(RIP, CLIENT, Protocol.UDP, new byte[50]);
        reply[21] = 0x10;
        assertUp("fragment of a reply", reply);
        byte[] foreign = frame(CLIENT, OWN, Protocol.UDP, new byte[50]);
        foreign[20] = 0x20;
        assertPass("the host's own fragment", foreign);
        for (int header : new int[] {0, 43, 44, 60}) {
            assertUp("header " + header, frame(CLIENT6, VIP6, header, new byte[50]));
            assertPass("header " + header, frame(CLIENT6, "fd01::1", header, new byte[50]));
        }
        apply(new Command.Flush());
    }

    @Test
    void removedOnesLingerAndAddressesComeAndGo() {
        apply(
                Services.add(tcp(VIP, 80), "rr"),
                nat(tcp(VIP, 80), RIP, 8080),
                Services.add(tcp(VIP, 81), "rr"));
        apply(new Command.DeleteService(tcp(VIP, 80)));
        byte[] request = frame(CLIENT, 4000, VIP, 80, Protocol.TCP);
        byte[] reply = frame(RIP, 8080, CLIENT, 4000, Protocol.TCP);
        assertUp("its connections live on", request);
        assertUp("its connections live on", reply);
        now += ServiceFilter.LINGER_MS - 1;
        filter.advance(now);
        assertUp("its connections live on", request);
        now += 1;
        filter.advance(now);
        assertPass("over", request);
        assertPass("over", reply);
        byte[] other = frame(CLIENT, 4000, VIP, 81, Protocol.TCP);
        assertUp("the other service", other);
        publishLocal(OWN);
        assertPass("the address is gone", other);
        giveTheHostItsAddresses();
        assertUp("the address is back", other);
        apply(new Command.Flush());
        assertPass("the last one does not linger", other);
    }
}
