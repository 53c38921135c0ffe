package org.jvs.core.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
    /** Texts of all shapes mean the same here and in the JDK, and survive printing. */
    @Test
    void agreesWithTheJdk() throws UnknownHostException {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 30_000; i++) {
            String text = i % 3 == 0 ? dotted(random) : groups(random);
            Address address = Address.parse(text);
            InetAddress jdk = InetAddress.getByName(text);
            if (jdk.getAddress().length == address.toBytes().length) {
                assertThat(address.toBytes()).as(text).isEqualTo(jdk.getAddress());
            } else {
                // the JDK turns ::ffff:a.b.c.d into IPv4
                assertThat(address.hi()).isZero();
                assertThat(address.lo() >>> 32).isEqualTo(0xffff);
            }
            assertThat(Address.ofBytes(address.toBytes())).isEqualTo(address);
            assertThat(Address.parse(address.toString())).isEqualTo(address);
        }
    }

    private static String dotted(SplittableRandom random) {
        int bits = random.nextInt();
        return (bits >>> 24)
                + "."
                + (bits >>> 16 & 255)
                + "."
                + (bits >>> 8 & 255)
                + "."
                + (bits & 255);
    }

    private static String groups(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        boolean tail = random.nextInt(5) == 0;
        int count = tail ? 6 : 8;
        int gap = random.nextBoolean() ? random.nextInt(count) : -1;
        int gapLength = 1 + random.nextInt(count);
        for (int i = 0; i < count; i++) {
            if (i == gap) {
                text.append(i == 0 ? "::" : ":");
                i += gapLength - 1;
                continue;
            }
            int value = random.nextInt(3) == 0 ? 0 : random.nextInt(65_536);
            String hex = Integer.toHexString(value);
            text.append(random.nextBoolean() ? hex : hex.toUpperCase(java.util.Locale.ROOT));
            if (i < count - 1 || tail) {
                text.append(':');
            }
        }
        if (tail) {
            text.append(dotted(random));
        }
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "::, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "::ffff:10.0.0.1, ::ffff:10.0.0.1",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "fe80::1:0:0:0, fe80::1:0:0:0"
    })
    void printsAsInetNtopDoes(String text, String printed) {
        assertThat(Address.parse(text)).hasToString(printed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "1.2.3",
                "1.2.3.4.",
                "1.2.3.256",
                "01.2.3.4",
                "1..3.4",
                "1.2.3.4.5",
                "a.b.c.d",
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "12345::",
                "g::",
                "1:2:3:4:5:6:7:8::",
                "\u0663::",
                "::1.2.3",
                "::1.2.3.4:5",
                "1:2:3:4:5:6:7:1.2.3.4",
                "fe80::1%eth0",
                "[::1]",
                " 1.2.3.4",
                "::1 "
            })
    void refusesWhatIsNone(String text) {
        assertThat(Address.tryParse(text)).isNull();
    }
}
