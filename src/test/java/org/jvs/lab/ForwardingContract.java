package org.jvs.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;

/// What users of a virtual service may rely on, whatever the forwarding method. Clients and
/// realservers are real stacks; the director is a process of its own.
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ForwardingContract {
    private static final long MB = 1_000_000;

    private final Topology.Options options;
    private final String[] directorArguments;
    private EndToEnd lab;

    @SuppressWarnings("NullAway.Init") // the lab is made by setUp, as JUnit prescribes
    ForwardingContract(ForwardingMethod method, String... directorArguments) {
        options = Topology.Options.of(method);
        this.directorArguments = directorArguments;
    }

    EndToEnd lab() {
        return lab;
    }

    @BeforeAll
    void setUp() throws IOException {
        lab = new EndToEnd(options, directorArguments);
    }

    @AfterAll
    void tearDown() {
        lab.close();
    }

    @ParameterizedTest
    @EnumSource
    void requestsAreSharedAsTheSchedulerSays(Family family) throws Exception {
        EndToEnd.Web web = lab.web(family);
        EndToEnd.assertEqualShares(web.ask(90), 30);
        ServiceListing listing = lab.listing(web.key());
        assertThat(listing.stats().connections()).isEqualTo(90);
        assertThat(listing.destinations())
                .allSatisfy(each -> assertThat(each.stats().connections()).isEqualTo(30));
    }

    @ParameterizedTest
    @EnumSource
    void largeBodiesArriveIntact(Family family) throws Exception {
        EndToEnd.Web web = lab.web(family);
        assertThat(web.client().get("/bytes/" + 64 * MB).isPattern(64 * MB)).isTrue();
        web.client().put(16 * MB);
    }

    @ParameterizedTest
    @EnumSource
    void longLivedConnectionsStayWhileOthersComeAndGo(Family family) throws Exception {
        EndToEnd.Web web = lab.web(family);
        List<HttpClient.Connection> longLived = new ArrayList<>();
        try {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                HttpClient.Connection connection = web.client().connect();
                longLived.add(connection);
                names.add(connection.get("/").servedBy());
            }
            List<Callable<HttpClient.Answer>> others = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                others.add(() -> web.client().get("/bytes/100000"));
            }
            assertThat(EndToEnd.atOnce(others))
                    .hasSize(200)
                    .allMatch(answer -> answer.isPattern(100_000));
            for (int i = 0; i < 50; i++) {
                assertThat(longLived.get(i).get("/").servedBy()).isEqualTo(names.get(i));
            }
            assertThat(active(web.key())).isGreaterThanOrEqualTo(50);
        } finally {
            for (HttpClient.Connection connection : longLived) {
                connection.close();
            }
        }
    }

    private int active(ServiceKey key) throws IOException {
        ServiceListing listing = lab.listing(key);
        return listing.destinations().stream().mapToInt(DestinationListing::active).sum();
    }

    @ParameterizedTest
    @EnumSource
    void udpIsAnsweredFromTheVipAndSticksToItsRealserver(Family family) throws Exception {
        ServiceKey key = lab.udpEcho(family);
        LabHost client = lab.net().client();
        Set<String> names = new HashSet<>();
        for (int port = 5001; port <= 5003; port++) {
            // the client's socket is connected: only answers from the VIP reach it
            String first = ask(client, key, port, "one");
            assertThat(first).endsWith(":one");
            assertThat(ask(client, key, port, "two")).isEqualTo(first.replace("one", "two"));
            names.add(first);
        }
        assertThat(names).hasSize(3);
    }

    /// The realserver's "port unreachable" reaches the client as one of the VIP.
    @ParameterizedTest
    @EnumSource
    void errorsOfTheRealserverReachTheClient(Family family) throws Exception {
        ServiceKey key = lab.udpWithoutServer(family);
        assertThatThrownBy(() -> ask(lab.net().client(), key, 0, "anybody?"))
                .isInstanceOf(PortUnreachableException.class);
    }

    private static String ask(LabHost client, ServiceKey key, int localPort, String text)
            throws IOException {
        return UdpEcho.ask(client, key.address(), key.port(), localPort, text, EndToEnd.TIMEOUT_MS);
    }

    @ParameterizedTest
    @EnumSource
    void realserverThatDiesTakesOnlyItsOwnConnectionsWithIt(Family family) throws Exception {
        EndToEnd.Web web = lab.web(family);
        List<Callable<String>> transfers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            transfers.add(() -> outcome(web.client(), "/slow/1000000/20"));
        }
        Thread killer =
                Thread.ofVirtual()
                        .start(() -> {
                            Awaitility.await().until(() -> connections(web) == 3);
                            web.servers().get(1).close();
                        });
        assertThat(EndToEnd.atOnce(transfers)).containsExactlyInAnyOrder("rs1", "rs3", "failed");
        killer.join();

        // quiesced, then removed: nobody is sent there any more
        lab.director().apply(Services.edit(web.key(), web.destination(2, 0)));
        assertThat(web.ask(20)).isEqualTo(Map.of("rs1", 10, "rs3", 10));
        lab.director().apply(Services.delete(web.key(), web.destination(2, 0)));
        assertThat(web.ask(20)).isEqualTo(Map.of("rs1", 10, "rs3", 10));
    }

    private static int connections(EndToEnd.Web web) {
        return web.servers().stream().mapToInt(HttpRealserver::connections).sum();
    }

    private static String outcome(HttpClient client, String path) {
        try {
            HttpClient.Answer answer = client.get(path);
            return answer.isPattern(answer.length()) ? answer.servedBy() : "mangled";
        } catch (SocketTimeoutException _) {
            return "timed out";
        } catch (IOException _) {
            return "failed";
        }
    }

    @ParameterizedTest
    @EnumSource
    void realserverBehindACutCableIsAnErrorInTime(Family family) throws Exception {
        EndToEnd.Web web = lab.web(family);
        EndToEnd.assertEqualShares(web.ask(3), 1);
        lab.net().cut(2);
        try {
            List<Callable<String>> transfers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                transfers.add(() -> outcome(web.client(2000), "/bytes/3000000"));
            }
            assertThat(EndToEnd.atOnce(transfers))
                    .contains("rs1", "rs3")
                    .doesNotContain("rs2", "mangled");
            lab.director().apply(Services.edit(web.key(), web.destination(2, 0)));
            assertThat(web.ask(10)).isEqualTo(Map.of("rs1", 5, "rs3", 5));
        } finally {
            lab.net().mend(2);
        }
        lab.director().apply(Services.edit(web.key(), web.destination(2, 1)));
        Awaitility.await()
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> assertThat(web.ask(3)).containsKey("rs2"));
    }

    @ParameterizedTest
    @EnumSource
    void persistenceKeepsAClientOnItsRealserver(Family family) throws Exception {
        EndToEnd.Web web = lab.web(family, family, key -> Services.addPersistent(key, "rr", 300));
        assertThat(web.ask(12)).hasSize(1).containsValue(12);
    }

    @ParameterizedTest
    @EnumSource
    void theHostAnswersEchoToTheVip(Family family) throws Exception {
        EndToEnd.Web _ = lab.web(family);
        assertThat(isReachable(lab.net().client(), Topology.vip(family))).isTrue();
    }

    /// By ICMP: as root Java sends an echo request.
    private static boolean isReachable(LabHost from, Address address) throws IOException {
        InetAddress target = InetAddress.getByAddress(address.toBytes());
        return from.call(() -> target.isReachable(5000));
    }

    @ParameterizedTest
    @EnumSource
    void theHostRefusesPortsWithoutService(Family family) throws Exception {
        EndToEnd.Web _ = lab.web(family);
        HttpClient nobody = new HttpClient(lab.net().client(), Topology.vip(family), 1999, 5000);
        assertThatThrownBy(nobody::connect).isInstanceOf(ConnectException.class);
    }
}
