package org.jvs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.DirectorStatus;
import org.jvs.core.admin.DirectorStatus.Interface;
import org.jvs.core.admin.DirectorStatus.ReasonCount;
import org.jvs.core.admin.DirectorStatus.Unreachable;
import org.jvs.core.admin.FakeAdmin;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.admin.Stats;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;
import org.jvs.core.wire.Reason;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class StatusTest {
    private final FakeAdmin admin = new FakeAdmin();

    private void fill(int interfaces, int services, int reasons) {
        List<Interface> links = new ArrayList<>();
        for (int i = 0; i < interfaces; i++) {
            links.add(
                    new Interface(
                            "eth" + i,
                            i % 2 == 0 ? "native" : "generic",
                            123_456_789_012L,
                            5,
                            i,
                            i == 1
                                    ? "partial checksums; at its peer: ethtool -K veth1 tx off"
                                    : ""));
        }
        List<ReasonCount> counts = new ArrayList<>();
        for (int i = 0; i < reasons; i++) {
            counts.add(new ReasonCount("drop", "REASON_" + i, "reason " + i, i * 1000L));
        }
        List<Unreachable> unreachable = new ArrayList<>();
        for (int i = 0; i < services; i++) {
            unreachable.add(new Unreachable("10.2.0." + i, "no answer to ARP on eth1"));
        }
        admin.status =
                new DirectorStatus(4711, 100_000, 2_000_000, 4_000_000, links, unreachable, counts);
        for (int i = 0; i < services; i++) {
            Address virtual = Address.parse("fd00:1234:5678:9abc:def0:1234:5678:" + (1000 + i));
            DestinationSpec quiesced =
                    new DestinationSpec(
                            virtual,
                            80,
                            ForwardingMethod.NAT,
                            0,
                            0,
                            0,
                            DestinationSpec.Tunnel.IPIP);
            admin.services.add(
                    new ServiceListing(
                            new ServiceSpec(
                                    ServiceKey.virtual(Protocol.TCP, virtual, 65535),
                                    "wlc",
                                    0,
                                    0,
                                    128,
                                    ""),
                            Stats.ZERO,
                            List.of(
                                    new DestinationListing(
                                            quiesced, 2_000_000, 70_000, 0, Stats.ZERO))));
        }
    }

    @Test
    void fitsAScreenHoweverMuchThereIs() {
        fill(30, 1000, 25);
        List<String> lines = StatusScreen.of(admin);
        assertThat(lines).hasSizeLessThanOrEqualTo(23).allMatch(line -> line.length() <= 80);
        assertThat(String.join("\n", lines))
                .contains("director 4711, up 1d 03:46:40")
                .contains("1000 services, 1000 destinations (1000 quiesced)")
                .contains("2,000,000 entries of 4,000,000")
                .contains("! partial checksums; at its peer: ethtool -K veth1 tx off")
                .contains("Unreachable: 10.2.0.0, no answer to ARP on eth1; 999 more: ./jvs sta")
                .contains("more services: bin/ipvsadm -Ln")
                .contains("24,000 drop    reason 24");
    }

    /** The end of such a line is the command that helps. */
    @Test
    void adviceIsNeverCut() {
        String advice =
                "merged packets, longer than the MTU, arrive and are lost; at the sender: ethtool -K"
                        + " INTERFACE tso off gso off";
        fill(1, 1, 1);
        admin.status =
                new DirectorStatus(
                        1,
                        1,
                        0,
                        0,
                        List.of(new Interface("eth0", "generic", 1, 1, 1, advice)),
                        List.of());
        List<String> lines = StatusScreen.of(admin);
        assertThat(lines).allMatch(line -> line.length() <= 80);
        assertThat(String.join(" ", lines).replaceAll(" +", " ")).contains("! " + advice);
        assertThat(lines).anyMatch(line -> line.startsWith("1 service, 1 destination"));
    }

    @Test
    void reasonsFitTheScreen() {
        for (Reason reason : Reason.values()) {
            assertThat(reason.text()).hasSizeLessThanOrEqualTo(57);
        }
    }

    @Test
    void saysNoneWhereThereIsNothing() {
        fill(1, 0, 0);
        assertThat(StatusScreen.of(admin)).contains("  none").noneMatch(l -> l.contains("more"));
    }

    @Test
    void jsonHoldsEverything() {
        fill(2, 3, 4);
        JsonNode root = new JsonMapper().readTree(StatusJson.of(admin));
        assertThat(root.at("/interfaces/1/mode").asString()).isEqualTo("generic");
        assertThat(root.at("/connections/entries").asLong()).isEqualTo(2_000_000);
        assertThat(root.at("/services").size()).isEqualTo(3);
        assertThat(root.at("/services/0/destinations/0/active").asInt()).isEqualTo(2_000_000);
        assertThat(root.at("/unreachable/2/address").asString()).isEqualTo("10.2.0.2");
        assertThat(root.at("/reasons/3/packets").asLong()).isEqualTo(3000);
    }
}
