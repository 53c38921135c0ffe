package org.jvs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.jvs.core.net.Address;

/// Netlink bytes worked out by hand (RFC 3549 section 2.2; little-endian machines).
class NetlinkEncodingTest {
    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")))
                .order(ByteOrder.nativeOrder());
    }

    @Test
    void attributesArePaddedToFourBytesButCountTheirOwnLength() {
        byte[] message =
                new NetlinkMessage(Rtnl.NEWADDR, NetlinkMessage.FLAG_ACK)
                        .attr(3, "lo")
                        .attrU8(2, 7)
                        .attrU32(4, 1500)
                        .attr(1, Address.parse("10.0.0.1"))
                        .encode(9);
        assertThat(hex(message))
                .isEqualTo(
                        "30000000"
                                + "1400"
                                + "0500"
                                + "09000000"
                                + "00000000"
                                + "07000300"
                                + "6c6f0000"
                                + "05000200"
                                + "07000000"
                                + "08000400"
                                + "dc050000"
                                + "08000100"
                                + "0a000001");
    }

    @Test
    void nestsCarryTheLengthOfTheirContents() {
        byte[] message =
                new NetlinkMessage(Rtnl.NEWLINK, 0)
                        .nest(18, info -> info.attr(1, "veth").nest(2, data -> data.attrU32(5, 1)))
                        .encode(1);
        assertThat(hex(message).substring(32))
                .isEqualTo(
                        "1c001200"
                                + "0900010076657468"
                                + "00000000"
                                + "0c000200"
                                + "0800050001000000");
    }

    @Test
    void longMessagesGrow() {
        NetlinkMessage message = new NetlinkMessage(Rtnl.NEWLINK, 0);
        for (int i = 0; i < 100; i++) {
            message.attr(1, new byte[33]);
        }
        byte[] encoded = message.encode(1);
        assertThat(encoded).hasSize(16 + 100 * 40);
        assertThat(ByteBuffer.wrap(encoded).order(ByteOrder.nativeOrder()).getInt(0))
                .isEqualTo(encoded.length);
    }

    @Test
    void parsesWhatWasBuilt() {
        NetlinkAttributes attributes =
                NetlinkAttributes.parse(
                        bytes("07000300 6c6f0000 05000200 07000000 0c001280 08000100 2a000000"));
        assertThat(attributes.string(3)).isEqualTo("lo");
        assertThat(attributes.u8(2, 0)).isEqualTo(7);
        assertThat(attributes.nested(18).u32(1, 0)).isEqualTo(42);
        assertThat(attributes.u32(99, -1)).isEqualTo(-1);
        assertThat(attributes.address(3)).isNull();
    }

    @Test
    void refusesLengthsThatRunOverTheEnd() {
        assertThatThrownBy(() -> NetlinkAttributes.parse(bytes("0c000300 6c6f0000")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("length 12");
        assertThatThrownBy(() -> NetlinkAttributes.parse(bytes("02000300 6c6f0000")))
                .isInstanceOf(IllegalArgumentException.class);
        List<NetlinkSocket.Message> into = new ArrayList<>();
        ByteBuffer lying = bytes("20000000 1000 0000 01000000 00000000");
        assertThatThrownBy(() -> NetlinkSocket.split(lying, into))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void splitsADatagramIntoMessages() {
        List<NetlinkSocket.Message> into = new ArrayList<>();
        NetlinkSocket.split(
                bytes(
                        "14000000 1000 0200 05000000 00000000 01020304"
                                + "10000000 0300 0000 05000000 00000000"),
                into);
        assertThat(into).hasSize(2);
        assertThat(into.getFirst().type()).isEqualTo(Rtnl.NEWLINK);
        assertThat(into.getFirst().payload().remaining()).isEqualTo(4);
        assertThat(into.getLast().sequence()).isEqualTo(5);
    }

    @Test
    void valuesParseAndPrint() {
        assertThat(MacAddress.parse("02:0a:ff:0:1:9")).hasToString("02:0a:ff:00:01:09");
        assertThat(MacAddress.ofBytes(new byte[] {2, 0, 0, 0, 0, (byte) 0x80}).bits())
                .isEqualTo(0x020000000080L);
        assertThat(Prefix.parse("fd00::1/64")).hasToString("fd00::1/64");
        assertThat(Prefix.parse("10.0.0.1").length()).isEqualTo(32);
        assertThatThrownBy(() -> Prefix.parse("10.0.0.1/33"))
                .hasMessage("prefix length 33 of 10.0.0.1 is not in 0..32");
        assertThatThrownBy(() -> MacAddress.parse("02:0a"))
                .hasMessageContaining("'02:0a' is not a MAC address");
        assertThatThrownBy(() -> LinkSpec.named("sixteen-chars-xx")).hasMessageContaining("1..15");
        assertThat(new LinuxException("open x", Errno.EPERM))
                .hasMessageContaining("open x: EPERM: run as root");
    }
}
