package org.jvs.lab;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.jvs.control.ControlClient;
import org.jvs.core.admin.DirectorStatus;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.Stats;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;

/// A client, a director and realservers in a lab, and HTTP requests through the VIP: what `jvs
/// demo` shows. The director is a process of its own, configured through its control socket.
public final class Demonstration implements AutoCloseable {
    /// The port of the virtual service.
    public static final int VIRTUAL_PORT = 80;

    private static final int TIMEOUT_MS = 10_000;

    /// What shall be shown.
    ///
    /// @param method NAT, DIRECT or TUNNEL
    /// @param scheduler its name
    /// @param family of client, VIP and realservers
    public record Plan(ForwardingMethod method, String scheduler, Family family) {}

    private final Plan plan;
    private final Lab lab;
    private final Topology net;
    private final LabDirector director;
    private final ControlClient control;
    private final ServiceKey service;
    private final HttpClient http;
    private final Map<String, AtomicLong> served = new LinkedHashMap<>();
    private final AtomicLong failed = new AtomicLong();
    private final List<Thread> clients = new ArrayList<>();
    private volatile boolean running = true;
    private volatile @Nullable String lastFailure;

    private Demonstration(Plan plan, Lab lab) throws IOException {
        this.plan = plan;
        this.lab = lab;
        net = new Topology(lab, Topology.Options.of(plan.method()));
        for (LabHost realserver : net.realservers()) {
            lab.closing(HttpRealserver.start(realserver, realPort()));
            served.put(realserver.label(), new AtomicLong());
        }
        director = lab.closing(LabDirector.start(net.director()));
        control = lab.closing(director.connect());
        Address vip = Topology.vip(plan.family());
        service = ServiceKey.virtual(Protocol.TCP, vip, VIRTUAL_PORT);
        director.apply(Services.add(service, plan.scheduler()));
        // the newest destination is the first to be asked: with rs1 added last the order is 1, 2, 3
        for (int number = net.realservers().size(); number >= 1; number--) {
            setUp(number);
        }
        http = new HttpClient(net.client(), vip, VIRTUAL_PORT, TIMEOUT_MS);
    }

    /// Builds the lab and starts the director.
    ///
    /// @throws IOException with the director's own words if it does not start or refuses the plan
    public static Demonstration start(Plan plan) throws IOException {
        Lab lab = Lab.create();
        try {
            return new Demonstration(plan, lab);
        } catch (IOException | RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    private void setUp(int number) throws IOException {
        director.apply(
                Services.add(
                        service,
                        Services.destination(realAddress(number), realPort(), plan.method(), 1)));
    }

    /// The port of the realservers: another one than the virtual where the method can map ports.
    public int realPort() {
        return plan.method() == ForwardingMethod.NAT ? 8080 : VIRTUAL_PORT;
    }

    /// A realserver's address.
    ///
    /// @param number from 1
    public Address realAddress(int number) {
        return Topology.rip(number, plan.family());
    }

    public Plan plan() {
        return plan;
    }

    public Topology net() {
        return net;
    }

    /// Makes a number of requests, a few at a time, and returns when all are answered or failed.
    public void request(int count, int parallel) {
        AtomicInteger left = new AtomicInteger(count);
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < parallel; i++) {
            workers.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                while (running && left.getAndDecrement() > 0) {
                                    requestOnce();
                                }
                            }));
        }
        for (Thread worker : workers) {
            join(worker);
        }
    }

    /// Starts clients that make requests until [#close()].
    ///
    /// @param parallel how many clients
    /// @param pauseMs milliseconds between an answer and the next request
    public void startClients(int parallel, int pauseMs) {
        for (int i = 0; i < parallel; i++) {
            clients.add(Thread.ofVirtual().start(() -> keepRequesting(pauseMs)));
        }
    }

    private void keepRequesting(int pauseMs) {
        try {
            while (running) {
                requestOnce();
                TimeUnit.MILLISECONDS.sleep(pauseMs);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void requestOnce() {
        try {
            HttpClient.Answer answer = http.get("/");
            AtomicLong count = served.get(answer.servedBy());
            if (answer.status() != 200 || count == null) {
                throw new IOException("an answer of status " + answer.status());
            }
            count.incrementAndGet();
        } catch (IOException e) {
            if (running) {
                failed.incrementAndGet();
                lastFailure = String.valueOf(e.getMessage());
            }
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Answers by realserver, in the order of their numbers.
    public Map<String, Long> served() {
        Map<String, Long> copy = new LinkedHashMap<>();
        served.forEach((name, count) -> copy.put(name, count.get()));
        return copy;
    }

    /// Requests without a right answer.
    public long failed() {
        return failed.get();
    }

    /// Why the last failed request failed, null if none did.
    public @Nullable String lastFailure() {
        return lastFailure;
    }

    /// Sets a realserver's weight; 0 quiesces it: it keeps its connections and gets no new ones.
    public void weight(int number, int weight) throws IOException {
        director.apply(
                Services.edit(
                        service,
                        Services.destination(
                                realAddress(number), realPort(), plan.method(), weight)));
    }

    /// The service as the director lists it.
    public synchronized @Nullable ServiceListing listing() {
        return control.service(service);
    }

    /// The director's counters.
    public synchronized Stats totals() {
        return control.totals();
    }

    /// How the director's programs are attached: `native`, `generic` or both.
    public synchronized String mode() {
        return String.join(
                ", ",
                control.status().interfaces().stream()
                        .map(DirectorStatus.Interface::mode)
                        .filter(mode -> !mode.equals("host")) // what it hands to its own stack
                        .distinct()
                        .sorted()
                        .toList());
    }

    public LabDirector director() {
        return director;
    }

    /// Has something run when the lab is about to go, by [#close()] or by a signal.
    public void atEnd(Runnable last) {
        lab.closing(() -> {
            stop();
            last.run();
        });
    }

    /// Whether it has not begun to end.
    public boolean isRunning() {
        return running;
    }

    private void stop() {
        running = false;
        clients.forEach(Thread::interrupt);
    }

    /// Ends the clients and removes the lab. Requests under way are not counted as failed.
    @Override
    public void close() {
        stop();
        lab.close();
    }
}
