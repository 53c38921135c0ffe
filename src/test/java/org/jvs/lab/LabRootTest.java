package org.jvs.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.net.Family;
import org.jvs.linux.NetworkNamespace;

/// The lab without a director: what it makes carries traffic, and nothing of it stays.
@Tag("root")
class LabRootTest {
    private static final int PORT = 8080;

    @Test
    void hostsReachEachOtherAndTheLabLeavesNothing() throws Exception {
        List<String> names;
        try (Lab lab = Lab.create()) {
            Topology net = new Topology(lab, Topology.Options.of(ForwardingMethod.NAT));
            names = lab.namespaces().stream().map(NetworkNamespace::name).toList();
            assertThat(NetworkNamespace.list()).containsAll(names);
            for (int i = 1; i <= 3; i++) {
                LabHost realserver = net.realservers().get(i - 1);
                lab.closing(HttpRealserver.start(realserver, PORT));
                for (Family family : Family.values()) {
                    EndToEnd.assumeIpv6(family);
                    lab.closing(UdpEcho.start(realserver, List.of(Topology.rip(i, family)), PORT));
                    HttpClient http =
                            new HttpClient(net.client(), Topology.rip(i, family), PORT, 5000);
                    assertThat(http.get("/").text()).isEqualTo("rs" + i + "\n");
                    assertThat(http.get("/bytes/3000000").isPattern(3_000_000)).isTrue();
                    assertThat(http.put(3_000_000).servedBy()).isEqualTo("rs" + i);
                    assertThat(
                                    UdpEcho.ask(
                                            net.client(),
                                            Topology.rip(i, family),
                                            PORT,
                                            0,
                                            "hello",
                                            5000))
                            .isEqualTo("rs" + i + ":hello");
                }
            }
        }
        assertThat(NetworkNamespace.list()).doesNotContainAnyElementsOf(names);
    }

    @Test
    void processesRunInsideTheirHostAndEndWithIt() throws Exception {
        Process process;
        try (Lab lab = Lab.create()) {
            LabHost host = lab.host("alone");
            Process reader =
                    host.start(
                            List.of("readlink", "/proc/self/ns/net"), ProcessBuilder.Redirect.PIPE);
            String inside =
                    new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(inside.strip()).isEqualTo("net:[" + host.namespace().inode() + "]");
            process = host.start(List.of("sleep", "600"), ProcessBuilder.Redirect.DISCARD);
            assertThat(process.isAlive()).isTrue();
        }
        assertThat(process.isAlive()).isFalse();
    }

    /// A JVM that makes a lab and a process in it, and then is killed.
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws Exception {
            Lab lab = Lab.create();
            LabHost host = lab.host("victim");
            Process process = host.start(List.of("sleep", "600"), ProcessBuilder.Redirect.DISCARD);
            System.out.println(host.namespace().name() + " " + process.pid());
            TimeUnit.MINUTES.sleep(10);
        }
    }

    private static Process victim() throws Exception {
        List<String> command = new ArrayList<>(LabDirector.javaCommand());
        command.removeLast();
        command.add(Victim.class.getName());
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    @Test
    void whatAKilledLabLeftIsSweptByTheNext() throws Exception {
        Process victim = victim();
        String[] told = victim.inputReader().readLine().split(" ");
        assertThat(NetworkNamespace.list()).contains(told[0]);
        Lab.sweep();
        assertThat(NetworkNamespace.list()).as("its owner lives").contains(told[0]);
        victim.destroyForcibly().waitFor();
        long left = Long.parseLong(told[1]);
        assertThat(ProcessHandle.of(left)).isPresent();
        Lab.sweep();
        assertThat(NetworkNamespace.list()).doesNotContain(told[0]);
        Awaitility.await()
                .until(() -> ProcessHandle.of(left).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void ctrlCRemovesTheLab() throws Exception {
        Process victim = victim();
        String[] told = victim.inputReader().readLine().split(" ");
        victim.destroy();
        victim.waitFor();
        assertThat(NetworkNamespace.list()).doesNotContain(told[0]);
        assertThat(ProcessHandle.of(Long.parseLong(told[1])).filter(ProcessHandle::isAlive))
                .isEmpty();
    }
}
