package org.jvs.conformance.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;
import org.jvs.core.wire.Ip;

/** What the director's own stack answers; the packets of both IP versions. */
final class LocalStackTest {
    private static final Address CLIENT = Address.parse("10.10.1.50");
    private static final Address VIP = Address.parse("10.10.1.100");
    private static final Address CLIENT6 = Address.parse("fd00:10:1::50");
    private static final Address VIP6 = Address.parse("fd00:10:1::100");

    private final LocalStack stack = new LocalStack(Network.ofTheLab());

    private List<String> answers(byte[] packet) {
        return stack.receive(view(packet)).stream().map(Describer::describe).toList();
    }

    private static PacketView view(byte[] packet) {
        return Objects.requireNonNull(PacketView.of(packet));
    }

    private static byte[] segment(int flags, long seq, long ack, String data) {
        return PacketBuilder.from(CLIENT, 1000)
                .to(VIP, 80)
                .tcp(flags)
                .sequence(seq)
                .acknowledgement(ack)
                .window(64240)
                .payload(data.getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .bytes();
    }

    /** RFC 9293 section 3.10.7.1. */
    @Test
    void resetsTakeTheirNumbersFromTheSegment() {
        assertThat(answers(segment(Ip.SYN, 5, 0, "")))
                .containsExactly(
                        "IP 10.10.1.100.80 > 10.10.1.50.1000 ttl 64 id 0x0000 DF"
                                + " TCP RA seq 0 ack 6 win 0");
        assertThat(answers(segment(Ip.ACK, 5, 6, "x")))
                .containsExactly(
                        "IP 10.10.1.100.80 > 10.10.1.50.1000 ttl 64 id 0x0000 DF"
                                + " TCP R seq 6 win 0");
        assertThat(answers(segment(Ip.RST, 5, 6, ""))).isEmpty();
        assertThat(answers(segment(Ip.RST | Ip.SYN, 5, 6, ""))).isEmpty();
    }

    @Test
    void aWrongChecksumIsNotAnswered() {
        byte[] packet = segment(Ip.SYN, 5, 0, "");
        packet[36] ^= 1;
        assertThat(answers(packet)).isEmpty();
    }

    @Test
    void unknownProtocolsAreRefusedInTheWayOfTheIpVersion() {
        byte[] gre = PacketBuilder.from(CLIENT, 1).to(VIP, 2).udp().bytes();
        gre[9] = Protocol.GRE;
        Bytes.headerChecksum(gre);
        assertThat(answers(gre).get(0)).contains("tos 0xc0 ICMP type 3 code 2 rest 00000000 {");
        byte[] gre6 = PacketBuilder.from(CLIENT6, 1).to(VIP6, 2).udp().bytes();
        gre6[6] = Protocol.GRE;
        assertThat(answers(gre6).get(0)).contains("ICMP type 4 code 1 rest 00000006 {");
    }

    @Test
    void closedUdpPortsAreUnreachableAndPingsAnswered() {
        byte[] udp = PacketBuilder.from(CLIENT6, 1000).to(VIP6, 99).udp().payload(2000).bytes();
        byte[] answer = stack.receive(view(udp)).get(0);
        assertThat(answer).hasSize(1280);
        assertThat(Describer.describe(answer))
                .startsWith("IP6 fd00:10:1::100 > fd00:10:1::50 ttl 64 ICMP type 1 code 4");
        byte[] ping =
                PacketBuilder.from(CLIENT6, 0)
                        .to(VIP6, 0)
                        .icmp(128, 0, 0x00770001, new byte[8])
                        .bytes();
        assertThat(answers(ping))
                .containsExactly(
                        "IP6 fd00:10:1::100 > fd00:10:1::50 ttl 64 ICMP echo-reply id 119 seq 1");
    }

    @Test
    void theEchoProgramAnswersWheneverItGetsToRun() {
        stack.listen(Protocol.TCP, 80, 100);
        assertThat(answers(segment(Ip.SYN, 1000, 0, "")))
                .containsExactly(
                        "IP 10.10.1.100.80 > 10.10.1.50.1000 ttl 64 id 0x0000 DF"
                                + " TCP SA seq 1000000 ack 1001 win 64240 opts 020405b4");
        assertThat(answers(segment(Ip.ACK, 1001, 1_000_001, "hello"))).isEmpty();
        byte[] echo =
                PacketBuilder.from(VIP, 80)
                        .to(CLIENT, 1000)
                        .tcp(Ip.ACK | Ip.PSH)
                        .sequence(1_000_001)
                        .acknowledgement(1006)
                        .window(64235)
                        .payload("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        .bytes();
        assertThat(stack.couldHaveSent(view(echo))).isTrue();
        echo[44] ^= 1;
        assertThat(stack.couldHaveSent(view(echo))).isFalse();
        assertThat(stack.later().stream().map(Describer::describe))
                .singleElement()
                .asString()
                .contains("TCP PA seq 1000001 ack 1006", "data 'hello'");
        assertThat(stack.later()).isEmpty();
        assertThat(stack.kill(100)).isTrue();
    }

    /** Linux chooses by the longest common prefix, and so the VIP answers for the director. */
    @Test
    void sourcesAreChosenAsLinuxDoes() {
        Network network = Network.ofTheLab();
        assertThat(network.source(CLIENT)).isEqualTo(Address.parse("10.10.1.1"));
        assertThat(network.source(CLIENT6)).isEqualTo(VIP6);
        assertThat(network.source(Address.parse("fd00:10:2::21")))
                .isEqualTo(Address.parse("fd00:10:2::1"));
        assertThat(network.source(Address.parse("172.16.0.9")))
                .isEqualTo(Address.parse("10.10.1.1"));
    }
}
