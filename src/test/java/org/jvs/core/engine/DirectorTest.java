package org.jvs.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.jvs.conformance.host.PacketBuilder;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;
import org.jvs.core.wire.Ip;
import org.jvs.core.wire.Reason;
import org.jvs.testing.Rig;

/** Services, destinations and packets together. */
class DirectorTest {
    private static final ForwardingMethod NAT = ForwardingMethod.NAT;

    private final Arena arena = Arena.ofConfined();
    private final Rig rig = new Rig(arena, 1024);

    @AfterEach
    void close() {
        arena.close();
    }

    private Verdict syn(String client, int clientPort) {
        return rig.process(Rig.tcp(client, clientPort, 80, Ip.SYN));
    }

    private DestinationListing destination(ServiceKey key, String address) {
        ServiceListing listing = java.util.Objects.requireNonNull(rig.director.service(key));
        return listing.destinations().stream()
                .filter(each -> each.spec().address().equals(Address.parse(address)))
                .findFirst()
                .orElseThrow();
    }

    private Address next() {
        return new Address(
                rig.packet.nextHopIpv6
                        ? org.jvs.core.net.Family.IPV6
                        : org.jvs.core.net.Family.IPV4,
                rig.packet.nextHopHi,
                rig.packet.nextHopLo);
    }

    @Test
    void aRemovedDestinationComesBackWithItsConnections() {
        ServiceKey key = rig.add(Protocol.TCP, Rig.VIP, 80, "rr");
        rig.add(key, "10.1.0.1", 80, NAT);
        assertThat(syn("11.0.0.9", 1000)).isEqualTo(Verdict.FORWARD);
        DestinationSpec spec = Rig.destination("10.1.0.1", 80, NAT, 1);
        rig.apply(new Command.DeleteDestination(key, spec));
        assertThat(rig.process(Rig.tcp("11.0.0.9", 1000, 80, Ip.ACK))).isEqualTo(Verdict.DROP);
        assertThat(rig.packet.reason).isEqualTo(Reason.DESTINATION_GONE);
        rig.advance(10_000);
        rig.apply(new Command.AddDestination(key, spec));
        assertThat(destination(key, "10.1.0.1").active()).isEqualTo(1);
        assertThat(destination(key, "10.1.0.1").stats().connections()).isEqualTo(1);
        assertThat(rig.process(Rig.tcp("11.0.0.9", 1000, 80, Ip.ACK))).isEqualTo(Verdict.FORWARD);
    }

    /** The host did not route its own answer, and so takes nothing off its time to live. */
    @Test
    void theHostsOwnAnswersKeepTheirTimeToLive() {
        ServiceKey key = rig.add(Protocol.TCP, Rig.VIP, 80, "rr");
        rig.add(key, "10.1.0.1", 8080, NAT);
        syn("11.0.0.9", 1000);
        PacketBuilder answer =
                PacketBuilder.from("10.1.0.1", 8080).to("11.0.0.9", 1000).tcp(Ip.SYN | Ip.ACK);
        assertThat(rig.processFromHost(answer.ttl(1).bytes())).isEqualTo(Verdict.FORWARD);
        assertThat(rig.packet.ttl()).isEqualTo(1);
        assertThat(rig.packet.u32(Ip.V4_SOURCE)).isEqualTo(Address.parse(Rig.VIP).lo());
        assertThat(rig.process(answer.ttl(9).bytes())).isEqualTo(Verdict.FORWARD);
        assertThat(rig.packet.u8(Ip.V4_TTL)).isEqualTo(8);
        byte[] direct =
                PacketBuilder.from("10.1.0.1", 8080).to("11.0.0.8", 1000).tcp(Ip.ACK).bytes();
        assertThat(rig.processFromHost(direct)).isEqualTo(Verdict.PASS);
        assertThat(rig.engine.count(Reason.NOT_SYN)).isZero();
    }

    @Test
    void withoutConnectionsItIsForgottenAfterTwoMinutes() {
        ServiceKey key = rig.add(Protocol.TCP, Rig.VIP, 80, "rr");
        rig.add(key, "10.1.0.1", 80, NAT);
        syn("11.0.0.9", 1000);
        DestinationSpec spec = Rig.destination("10.1.0.1", 80, NAT, 1);
        rig.apply(new Command.DeleteDestination(key, spec));
        assertThat(rig.director.destinations().size()).isEqualTo(1);
        for (int second = 0; second < 200; second++) {
            rig.advance(1000);
        }
        assertThat(rig.director.destinations().size()).isZero();
        rig.apply(new Command.AddDestination(key, spec));
        assertThat(destination(key, "10.1.0.1").stats().connections()).isZero();
    }

    @Test
    void anOverloadedDestinationRecoversBelowThreeQuarters() {
        ServiceKey key = rig.add(Protocol.UDP, Rig.VIP, 53, "rr");
        rig.apply(
                new Command.AddDestination(
                        key,
                        new DestinationSpec(
                                Address.parse("10.1.0.1"),
                                53,
                                NAT,
                                1,
                                4,
                                0,
                                DestinationSpec.Tunnel.IPIP)));
        for (int i = 0; i < 4; i++) {
            assertThat(rig.process(Rig.udp("11.0.0.9", 1000 + i, 53))).isEqualTo(Verdict.FORWARD);
            rig.advance(90_000);
        }
        // the first expired meanwhile: three are left, and three are not below 3/4 of four
        assertThat(destination(key, "10.1.0.1").inactive()).isEqualTo(3);
        rig.process(Rig.udp("11.0.0.9", 2000, 53));
        assertThat(rig.packet.reason).isEqualTo(Reason.NO_DESTINATION);
        rig.advance(100_000);
        assertThat(rig.process(Rig.udp("11.0.0.9", 2000, 53))).isEqualTo(Verdict.FORWARD);
    }

    @Test
    void persistenceHoldsForTheWholeNetwork() {
        ServiceKey key = Rig.service(Protocol.TCP, Rig.VIP, 80);
        rig.apply(
                new Command.AddService(
                        new ServiceSpec(key, "rr", ServiceSpec.PERSISTENT, 60, 0xffffff00, "")));
        rig.add(key, "10.1.0.1", 80, NAT);
        rig.add(key, "10.1.0.2", 80, NAT);
        syn("11.0.0.9", 1000);
        Address first = next();
        for (int i = 1; i < 50; i++) {
            syn("11.0.0." + i, 1000 + i);
            assertThat(next()).isEqualTo(first);
        }
        syn("11.0.1.9", 1000);
        assertThat(next()).isNotEqualTo(first);
        assertThat(destination(key, first.toString()).persistent()).isEqualTo(1);
    }

    @Test
    void aPersistentServiceOfPortZeroKeepsAllPortsTogether() {
        ServiceKey key =
                rig.add(Rig.service(Protocol.TCP, Rig.VIP6, 0), "rr", ServiceSpec.PERSISTENT, 60);
        rig.add(key, "fd00:1::1", 0, NAT);
        rig.add(key, "fd00:1::2", 0, NAT);
        rig.process(Rig.tcp("fd01::9", 1000, 80, Ip.SYN));
        Address first = next();
        for (int port = 1; port < 20; port++) {
            rig.process(Rig.tcp("fd01::9", 1000, port, Ip.SYN));
            assertThat(next()).isEqualTo(first);
            rig.packet.parse();
            assertThat(rig.packet.destinationPort()).isEqualTo(port);
        }
    }

    @Test
    void anEditedServiceUsesItsNewScheduler() {
        ServiceKey key = rig.add(Protocol.TCP, Rig.VIP, 80, "rr");
        rig.add(key, "10.1.0.1", 80, NAT);
        rig.add(key, "10.1.0.2", 80, NAT);
        syn("11.0.0.9", 1000);
        rig.apply(new Command.EditService(Rig.spec(key, "sh", 0, 0)));
        syn("11.0.0.9", 1001);
        Address chosen = next();
        for (int port = 1002; port < 1010; port++) {
            syn("11.0.0.9", port);
            assertThat(next()).isEqualTo(chosen);
        }
        assertThat(rig.outcome(new Command.EditService(Rig.spec(key, "nope", 0, 0))))
                .isEqualTo(Outcome.NOT_FOUND);
    }

    @Test
    void fullTablesRefuseAndRecover() {
        Rig small = new Rig(arena, new DirectorOptions(4, 2, 2, 1, 0));
        ServiceKey key = small.add(Protocol.TCP, Rig.VIP, 80, "rr");
        small.add(Protocol.TCP, Rig.VIP, 81, "rr");
        assertThat(
                        small.outcome(
                                new Command.AddService(
                                        Rig.spec(
                                                Rig.service(Protocol.TCP, Rig.VIP, 82),
                                                "rr",
                                                0,
                                                0))))
                .isEqualTo(Outcome.NO_MEMORY);
        small.add(key, "10.1.0.1", 80, NAT);
        small.add(key, "10.1.0.2", 80, NAT);
        DestinationSpec third = Rig.destination("10.1.0.3", 80, NAT, 1);
        assertThat(small.outcome(new Command.AddDestination(key, third)))
                .isEqualTo(Outcome.NO_MEMORY);
        // four connections fit; established ones stay, the fifth is dropped and counted
        for (int port = 1000; port < 1004; port++) {
            small.process(Rig.tcp("11.0.0.9", port, 80, Ip.SYN));
            small.process(Rig.tcp("11.0.0.9", port, 80, Ip.ACK));
        }
        assertThat(small.process(Rig.tcp("11.0.0.9", 2000, 80, Ip.SYN))).isEqualTo(Verdict.DROP);
        assertThat(small.packet.reason).isEqualTo(Reason.TABLE_FULL);
        small.advance(901_000);
        assertThat(small.process(Rig.tcp("11.0.0.9", 2000, 80, Ip.SYN))).isEqualTo(Verdict.FORWARD);
    }

    @Test
    void ratesComeEveryTwoSeconds() {
        ServiceKey key = rig.add(Protocol.UDP, Rig.VIP, 53, "rr");
        rig.add(key, "10.1.0.1", 53, NAT);
        for (int second = 0; second < 60; second++) {
            for (int i = 0; i < 10; i++) {
                rig.process(Rig.udp("11.0.0.9", 1000 + i, 53));
            }
            rig.advance(1000);
        }
        ServiceListing listing = java.util.Objects.requireNonNull(rig.director.service(key));
        assertThat(listing.stats().inPackets()).isEqualTo(600);
        assertThat(listing.stats().inPps()).isEqualTo(10);
        assertThat(rig.director.totals().inPps()).isEqualTo(10);
        rig.apply(new Command.Zero(null));
        assertThat(rig.director.totals().inPackets()).isZero();
        assertThat(List.of(rig.director.totals().inPps())).containsExactly(0L);
    }
}
