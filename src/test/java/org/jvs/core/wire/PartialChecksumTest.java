package org.jvs.core.wire;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.jvs.core.net.Protocol;

class PartialChecksumTest {
    private static final int START = 18;

    private final MemorySegment memory = MemorySegment.ofArray(new byte[256]);

    /** A packet with ports and some data, its checksum field still zero; returns its length. */
    private int packet(boolean ipv6, int protocol, int dataBytes) {
        new Random(dataBytes).nextBytes((byte[]) memory.heapBase().orElseThrow());
        int header = ipv6 ? Ip.V6_HEADER : Ip.V4_HEADER;
        int transport = protocol == Protocol.TCP ? Ip.TCP_HEADER : Ip.UDP_HEADER;
        int length = header + transport + dataBytes;
        if (ipv6) {
            put8(0, 0x60);
            put16(Ip.V6_PAYLOAD_LENGTH, length - header);
            put8(Ip.V6_NEXT_HEADER, protocol);
        } else {
            put8(0, 0x45);
            put16(Ip.V4_TOTAL_LENGTH, length);
            put16(Ip.V4_FRAGMENT, Ip.DONT_FRAGMENT);
            put8(Ip.V4_PROTOCOL, protocol);
        }
        put16(field(ipv6, protocol), 0);
        return length;
    }

    private static int field(boolean ipv6, int protocol) {
        return (ipv6 ? Ip.V6_HEADER : Ip.V4_HEADER)
                + (protocol == Protocol.TCP ? Ip.TCP_CHECKSUM : Ip.UDP_CHECKSUM);
    }

    private void put8(int at, int value) {
        memory.set(JAVA_BYTE, START + at, (byte) value);
    }

    private void put16(int at, int value) {
        memory.set(Fields.SHORT, START + at, (short) value);
    }

    private int pseudoHeader(boolean ipv6, int protocol, int length) {
        int from = ipv6 ? Ip.V6_SOURCE : Ip.V4_SOURCE;
        int bytes = ipv6 ? 32 : 8;
        int transport = length - (ipv6 ? Ip.V6_HEADER : Ip.V4_HEADER);
        return Checksum.fold(Checksum.sum(memory, START + from, bytes, 0) + protocol + transport);
    }

    private int wholeSum(boolean ipv6, int protocol, int length) {
        int header = ipv6 ? Ip.V6_HEADER : Ip.V4_HEADER;
        return Checksum.fold(
                Checksum.sum(
                        memory,
                        START + header,
                        length - header,
                        pseudoHeader(ipv6, protocol, length)));
    }

    @Test
    void completesPartialOnes() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            for (int protocol : new int[] {Protocol.TCP, Protocol.UDP}) {
                for (int data : new int[] {0, 1, 2, 7, 100}) {
                    int length = packet(ipv6, protocol, data);
                    put16(field(ipv6, protocol), pseudoHeader(ipv6, protocol, length));
                    // link-layer padding behind the packet does not count
                    assertThat(PartialChecksum.complete(memory, START, length + 3)).isTrue();
                    assertThat(wholeSum(ipv6, protocol, length)).isEqualTo(0xffff);
                    assertThat(PartialChecksum.complete(memory, START, length)).isFalse();
                }
            }
        }
    }

    @Test
    void leavesOthersAlone() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            int length = packet(ipv6, Protocol.UDP, 20);
            assertUntouched(length);
            int partial = pseudoHeader(ipv6, Protocol.UDP, length);
            put16(field(ipv6, Protocol.UDP), partial ^ 1);
            assertUntouched(length);
            put16(field(ipv6, Protocol.UDP), partial);
            assertUntouched(length - 1);
            assertUntouched(10);
            put8(ipv6 ? Ip.V6_NEXT_HEADER : Ip.V4_PROTOCOL, Protocol.ESP);
            assertUntouched(length);
        }
        int length = packet(false, Protocol.UDP, 20);
        put16(field(false, Protocol.UDP), pseudoHeader(false, Protocol.UDP, length));
        put16(Ip.V4_FRAGMENT, Ip.MORE_FRAGMENTS);
        assertUntouched(length);
    }

    private void assertUntouched(int length) {
        byte[] before = memory.toArray(JAVA_BYTE);
        assertThat(PartialChecksum.complete(memory, START, length)).isFalse();
        assertThat(memory.toArray(JAVA_BYTE)).isEqualTo(before);
    }
}
