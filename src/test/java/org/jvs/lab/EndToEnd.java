package org.jvs.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;

/// One lab with a running director for a class of tests. Every test takes ports of its own, so that
/// none sees another's services or connections.
final class EndToEnd implements AutoCloseable {
    /// Milliseconds; far more than anything takes that goes well, even on a loaded machine.
    static final int TIMEOUT_MS = 20_000;

    private final Lab lab = Lab.create();
    private final Topology net;
    private final AtomicInteger nextPort = new AtomicInteger(2000);
    private LabDirector director;

    EndToEnd(Topology.Options options, String... directorArguments) throws IOException {
        try {
            net = new Topology(lab, options);
            director = lab.closing(LabDirector.start(net.director(), directorArguments));
        } catch (IOException | RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    Topology net() {
        return net;
    }

    LabDirector director() {
        return director;
    }

    /// Starts another one after the first has ended.
    LabDirector restartDirector() throws IOException {
        director = lab.closing(LabDirector.start(net.director()));
        return director;
    }

    /// A virtual service with its realservers, running.
    ///
    /// @param realFamily of the realservers' addresses, which for tunnels may be the other one
    record Web(EndToEnd lab, ServiceKey key, Family realFamily, List<HttpRealserver> servers) {
        DestinationSpec destination(int number, int weight) {
            return lab.destination(key, number, realFamily, weight);
        }

        HttpClient client() {
            return client(TIMEOUT_MS);
        }

        HttpClient client(int timeoutMs) {
            return new HttpClient(lab.net.client(), key.address(), key.port(), timeoutMs);
        }

        /// Makes requests one after the other: how many each realserver answered.
        Map<String, Integer> ask(int requests) throws IOException {
            Map<String, Integer> served = new TreeMap<>();
            HttpClient client = client();
            for (int i = 0; i < requests; i++) {
                served.merge(client.get("/").servedBy(), 1, Integer::sum);
            }
            return served;
        }
    }

    /// An HTTP service over all realservers, of weight 1, scheduled by rr.
    Web web(Family family) throws IOException {
        return web(family, family, key -> Services.add(key, "rr"));
    }

    interface ServiceMaker {
        Command make(ServiceKey key);
    }

    Web web(Family family, Family realFamily, ServiceMaker maker) throws IOException {
        ServiceKey key = newKey(Protocol.TCP, family);
        List<HttpRealserver> servers = new ArrayList<>();
        for (LabHost realserver : net.realservers()) {
            servers.add(lab.closing(HttpRealserver.start(realserver, realPort(key))));
        }
        Web web = new Web(this, key, realFamily, servers);
        configure(key, realFamily, maker);
        return web;
    }

    /// A UDP service over all realservers, of weight 1, scheduled by rr.
    ServiceKey udpEcho(Family family) throws IOException {
        ServiceKey key = newKey(Protocol.UDP, family);
        for (int number = 1; number <= net.realservers().size(); number++) {
            Address address =
                    net.options().method() == ForwardingMethod.NAT
                            ? Topology.rip(number, family)
                            : Topology.vip(family);
            LabHost realserver = net.realservers().get(number - 1);
            lab.closing(UdpEcho.start(realserver, List.of(address), realPort(key)));
        }
        configure(key, family, k -> Services.add(k, "rr"));
        return key;
    }

    /// A UDP service whose realservers' ports nobody listens on.
    ServiceKey udpWithoutServer(Family family) throws IOException {
        ServiceKey key = newKey(Protocol.UDP, family);
        configure(key, family, k -> Services.add(k, "rr"));
        return key;
    }

    ServiceKey newKey(int protocol, Family family) {
        assumeIpv6(family);
        return ServiceKey.virtual(protocol, Topology.vip(family), nextPort.getAndIncrement());
    }

    /// NAT maps to another port; the others cannot.
    int realPort(ServiceKey key) {
        return net.options().method() == ForwardingMethod.NAT ? key.port() + 10_000 : key.port();
    }

    DestinationSpec destination(ServiceKey key, int number, Family realFamily, int weight) {
        return Services.destination(
                Topology.rip(number, realFamily), realPort(key), net.options().method(), weight);
    }

    private void configure(ServiceKey key, Family realFamily, ServiceMaker maker)
            throws IOException {
        List<Command> commands = new ArrayList<>();
        commands.add(maker.make(key));
        for (int number = 1; number <= net.realservers().size(); number++) {
            commands.add(Services.add(key, destination(key, number, realFamily, 1)));
        }
        director.apply(commands.toArray(Command[]::new));
    }

    /// The service as the director lists it.
    ServiceListing listing(ServiceKey key) throws IOException {
        try (var control = director.connect()) {
            return Objects.requireNonNull(control.service(key), "the director knows no " + key);
        }
    }

    /// Runs all of them at once, each on a thread of its own; their results in order.
    static <T> List<T> atOnce(List<Callable<T>> tasks) throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> futures = tasks.stream().map(executor::submit).toList();
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        }
    }

    /// Skips a test of IPv6 where this JVM was started without.
    static void assumeIpv6(Family family) {
        assumeTrue(
                family == Family.IPV4 || Privileges.hasIpv6(),
                "no interface of the namespace that the tests were started in has an IPv6 address");
    }

    /// Every realserver answered its equal share.
    static void assertEqualShares(Map<String, Integer> served, int each) {
        assertThat(served).isEqualTo(Map.of("rs1", each, "rs2", each, "rs3", each));
    }

    @Override
    public void close() {
        lab.close();
    }
}
