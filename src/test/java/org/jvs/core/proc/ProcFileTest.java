package org.jvs.core.proc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.jvs.core.admin.ConnectionListing;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.FakeAdmin;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.admin.Stats;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;

/** Lines as Linux 6.1 printed them: recordings ops-pe, listing-order, empty-list and persist-*. */
class ProcFileTest {
    private static final Address VIP = Address.parse("10.10.1.100");
    private final FakeAdmin admin = new FakeAdmin();

    private void service(
            ServiceKey key, String scheduler, int flags, int timeout, DestinationListing... to) {
        int netmask = key.family() == Family.IPV6 ? 128 : -1;
        ServiceSpec spec = new ServiceSpec(key, scheduler, flags, timeout, netmask, "");
        admin.services.add(new ServiceListing(spec, Stats.ZERO, List.of(to)));
    }

    private static DestinationListing destination(String address, int port) {
        DestinationSpec spec =
                new DestinationSpec(
                        Address.parse(address),
                        port,
                        ForwardingMethod.NAT,
                        1,
                        0,
                        0,
                        DestinationSpec.Tunnel.IPIP);
        return new DestinationListing(spec, 0, 0, 0, Stats.ZERO);
    }

    @Test
    void servicesAreListedWithFlagsAndDestinationsMarksLast() {
        int persistent = ServiceSpec.PERSISTENT;
        int onePacket = ServiceSpec.ONE_PACKET;
        service(ServiceKey.ofMark(Family.IPV4, 5), "rr", onePacket, 0);
        service(ServiceKey.virtual(Protocol.UDP, VIP, 5060), "rr", 0, 0);
        service(ServiceKey.virtual(Protocol.UDP, VIP, 5061), "rr", persistent, 60);
        service(ServiceKey.virtual(Protocol.UDP, VIP, 5064), "rr", persistent | onePacket, 60);
        service(ServiceKey.virtual(Protocol.UDP, VIP, 57), "sh", onePacket, 0);
        service(ServiceKey.ofMark(Family.IPV6, 3), "rr", 0, 0);
        service(
                ServiceKey.virtual(Protocol.TCP, VIP, 80),
                "rr",
                0,
                0,
                destination("10.10.2.11", 80),
                destination("10.10.2.12", 80));
        service(
                ServiceKey.virtual(Protocol.TCP, Address.parse("fd00:10:1::99"), 8080),
                "rr",
                0,
                0,
                destination("fd00:10:2::11", 80));
        assertThat(ProcFile.IP_VS.lines(admin))
                .containsExactly(
                        "IP Virtual Server version 1.2.1 (size=4096)",
                        "Prot LocalAddress:Port Scheduler Flags",
                        "  -> RemoteAddress:Port Forward Weight ActiveConn InActConn",
                        "UDP  0A0A0164:13C4 rr  ",
                        "UDP  0A0A0164:13C5 rr  persistent 15000 FFFFFFFF",
                        "UDP  0A0A0164:13C8 rr ops  persistent 15000 FFFFFFFF",
                        "UDP  0A0A0164:0039 sh ops  ",
                        "TCP  0A0A0164:0050 rr  ",
                        "  -> 0A0A020B:0050      Masq    1      0          0         ",
                        "  -> 0A0A020C:0050      Masq    1      0          0         ",
                        "TCP  [fd00:0010:0001:0000:0000:0000:0000:0099]:1F90 rr ",
                        "  -> [fd00:0010:0002:0000:0000:0000:0000:0011]:0050"
                                + "      Masq    1      0          0         ",
                        "FWM  00000005 rr ops ",
                        "FWM  00000003 rr ");
    }

    private void connection(
            int protocol,
            String client,
            int clientPort,
            String virtual,
            int virtualPort,
            String destination,
            int destinationPort,
            String state,
            long expiresMs,
            String data) {
        admin.connections.add(
                new ConnectionListing(
                        protocol,
                        Address.parse(client),
                        clientPort,
                        Address.parse(virtual),
                        virtualPort,
                        Address.parse(destination),
                        destinationPort,
                        state,
                        expiresMs,
                        data.isEmpty() ? "" : "sip",
                        data));
    }

    @Test
    void connectionsHaveAddressesInHexAndExpiryInSecondsCutOff() {
        connection(0, "10.10.1.50", 0, "0.0.0.5", 0, "10.10.2.22", 0, "NONE", 99_999, "");
        connection(
                17,
                "10.10.1.50",
                0,
                "10.10.1.100",
                5060,
                "10.10.2.21",
                5060,
                "NONE",
                99_900,
                "call-two@x");
        connection(
                6,
                "fd00:10:1::50",
                1000,
                "fd00:10:1::100",
                80,
                "fd00:10:2::22",
                80,
                "SYN_RECV",
                59_004,
                "");
        connection(
                6, "fd00:10:1::50", 1001, "fd00:10:1::100", 80, "10.10.2.22", 80, "CLOSE", 999, "");
        assertThat(ProcFile.IP_VS_CONN.lines(admin))
                .containsExactly(
                        "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName"
                                + " PEData",
                        "IP  0A0A0132 0000 00000005 0000 0A0A0216 0000 NONE             99",
                        "UDP 0A0A0132 0000 0A0A0164 13C4 0A0A0215 13C4 NONE             99 sip"
                                + " call-two@x",
                        "TCP fd00:0010:0001:0000:0000:0000:0000:0050 03E8"
                                + " fd00:0010:0001:0000:0000:0000:0000:0100 0050"
                                + " fd00:0010:0002:0000:0000:0000:0000:0022 0050 SYN_RECV        "
                                + " 59",
                        "TCP fd00:0010:0001:0000:0000:0000:0000:0050 03E9"
                                + " fd00:0010:0001:0000:0000:0000:0000:0100 0050"
                                + " 0A0A0216 0050 CLOSE             0");
    }

    @Test
    void syncFileNamesTheOrigin() {
        connection(
                6,
                "10.10.1.50",
                1000,
                "10.10.1.100",
                80,
                "10.10.2.22",
                8080,
                "ESTABLISHED",
                179_000,
                "");
        assertThat(ProcFile.IP_VS_CONN_SYNC.lines(admin))
                .containsExactly(
                        "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires",
                        "TCP 0A0A0132 03E8 0A0A0164 0050 0A0A0216 1F90 ESTABLISHED LOCAL      179");
    }

    @Test
    void totalsAreHexadecimal() {
        admin.totals = new Stats(255, 16, 1, 0xabcdef, 2, 3, 4, 5, 6, 7);
        assertThat(ProcFile.IP_VS_STATS.lines(admin))
                .containsExactly(
                        "   Total Incoming Outgoing         Incoming         Outgoing",
                        "   Conns  Packets  Packets            Bytes            Bytes",
                        "      FF       10        1           ABCDEF                2",
                        "",
                        " Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s",
                        "       3        4        5                6                7");
        assertThat(ProcFile.IP_VS_STATS_PERCPU.lines(admin))
                .containsExactly(
                        "       Total Incoming Outgoing         Incoming         Outgoing",
                        "CPU    Conns  Packets  Packets            Bytes            Bytes",
                        "  0       FF       10        1           ABCDEF                2",
                        "  ~       FF       10        1           ABCDEF                2",
                        "",
                        "     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s",
                        "           3        4        5                6                7");
    }
}
