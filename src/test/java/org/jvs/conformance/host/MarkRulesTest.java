package org.jvs.conformance.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvs.conformance.shell.MissingFeature;
import org.jvs.conformance.shell.Streams;

final class MarkRulesTest {
    private final MarkRules rules = new MarkRules();

    private String iptables(String line) {
        Streams streams = new Streams("", new StringBuilder(), new StringBuilder());
        new IptablesCommand(rules, false).run(List.of(("iptables " + line).split(" ")), streams);
        return streams.err().toString();
    }

    private int markOf(int port) {
        byte[] udp =
                PacketBuilder.from("10.10.1.50", 1000)
                        .to("10.10.1.100", port)
                        .udp()
                        .payload(1)
                        .bytes();
        return rules.mark(Objects.requireNonNull(PacketView.of(udp)), "eth0");
    }

    @ParameterizedTest
    @CsvSource({
        "-d 10.10.1.100 -p udp --dport 53, 53, 5",
        "-d 10.10.1.100 -p udp --dport 53, 54, 0",
        "-p tcp --dport 53, 53, 0",
        "-s 10.10.0.0/16 -i eth0, 53, 5",
        "-i eth1, 53, 0",
        "! -d 10.10.1.100, 53, 0",
        "-p udp -m udp --dport 50:60, 60, 5",
        "'-p udp -m multiport --dports 80,50:53', 53, 5",
        "'-p udp -m multiport --ports 1000,2', 53, 5",
    })
    void rulesMatchAsInIptables(String match, int port, int mark) {
        iptables("-t mangle -A PREROUTING " + match + " -j MARK --set-mark 5");
        assertThat(markOf(port)).isEqualTo(mark);
    }

    @Test
    void laterRulesCountAndRulesCanGo() {
        iptables("-t mangle -A PREROUTING -p udp -j MARK --set-mark 5");
        iptables("-t mangle -A PREROUTING -p udp -j MARK --or-mark 0x10");
        assertThat(markOf(53)).isEqualTo(0x15);
        iptables("-t mangle -D PREROUTING -p udp -j MARK --set-mark 5");
        assertThat(markOf(53)).isEqualTo(0x10);
        assertThat(iptables("-t mangle -D PREROUTING -p udp -j MARK --set-mark 5"))
                .contains("Bad rule");
        iptables("-t mangle -F");
        assertThat(markOf(53)).isZero();
    }

    @Test
    void otherRulesAreNamed() {
        assertThatThrownBy(() -> iptables("-A FORWARD -p tcp -j DROP"))
                .isInstanceOf(MissingFeature.class)
                .hasMessageContaining("packet filter rule filter FORWARD -> DROP");
    }
}
