package org.jvs.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;
import org.jvs.lab.Lab;
import org.jvs.lab.LabHost;
import org.jvs.linux.CpuAffinity;
import org.jvs.linux.Ethtool;
import org.jvs.linux.MacAddress;

/// One contender's network: generator, director and sink, in a row.
///
/// ```
///  source eth0 ---- jvs... DIRECTOR eth1 ---- eth0 sink
///  10.1.64.0/18      10.1.0.1      10.2.0.1        10.2.0.2
///                VIP 10.1.0.100
/// ```
///
/// The director receives in a kernel thread of its own (threaded NAPI) on its CPU, since a veth's
/// packets would be received on the sender's otherwise. Neighbours are permanent. The sink's
/// Ethernet address is not the one the director knows: its host drops the packets as somebody
/// else's, first of all, and alike whoever sent them.
final class ForwardLab {
    static final Address VIP = Address.parse("10.1.0.100");
    static final Address RIP = Address.parse("10.2.0.2");
    static final int PORT = 80;
    static final int REAL_PORT = 8080;

    private static final Address SOURCE = Address.parse("10.1.0.0");

    private final LabHost source;
    private final LabHost director;
    private final LabHost sink;
    private final String name;
    private @Nullable Path receiver;
    private @Nullable Path process;

    /// @param number unique in this JVM
    /// @param redirects whether the sink shall take what XDP programs send, for which it needs GRO
    ForwardLab(Lab lab, int number, boolean redirects) throws IOException {
        source = lab.host("source" + number);
        director = lab.host("director" + number);
        sink = lab.host("sink" + number);
        // the kernel thread is found by it
        name = "jvs" + Long.toString(ProcessHandle.current().pid(), 36) + number;
        lab.wire(source, "eth0", director, name, true);
        lab.wire(director, "eth1", sink, "eth0", true);
        if (redirects) {
            receiveByItself(sink, "eth0");
        }
        director.address(name, "10.1.0.1/16");
        director.address(name, VIP);
        director.address("eth1", "10.2.0.1/24");
        director.forward();
        director.netlink()
                .neighbours()
                .setPermanent(
                        director.link("eth1").index(), RIP, MacAddress.parse("02:00:00:00:00:02"));
        receiveInThread();
    }

    LabHost director() {
        return director;
    }

    /// GRO gives a veth a receiver of its own (NAPI) even without a program.
    private void receiveInThread() throws IOException {
        receiveByItself(director, name);
        // sysfs shows the namespace in which it was mounted
        command(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t sysfs sysfs /sys && echo 1 >/sys/class/net/" + name + "/threaded");
    }

    private static void receiveByItself(LabHost host, String link) {
        try (Ethtool ethtool = Ethtool.open(host.namespace())) {
            ethtool.setOffloads(link, ethtool.offloads(link).withGro(true));
        }
    }

    /// Keeps the receiving thread on a CPU.
    void pinReceiver(int cpu) throws IOException {
        CpuAffinity.pin(Integer.parseInt(receiver().getFileName().toString()), cpu);
    }

    /// A director's process, whose CPU time counts in [#cpuNs].
    void director(long pid) {
        process = Path.of("/proc/" + pid + "/task");
    }

    /// CPU time that the threads on the packets' way have had: the receiving one and the director's
    /// packet thread. Its compiler and its clock have theirs whether packets come or not.
    long cpuNs() throws IOException {
        long sum = cpuNs(receiver());
        Path tasks = process;
        if (tasks != null) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(tasks)) {
                for (Path task : all) {
                    if (commandOf(task).strip().equals("jvs-packets")) {
                        sum += cpuNs(task);
                    }
                }
            }
        }
        return sum;
    }

    private static long cpuNs(Path task) {
        try {
            return Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ")[0]);
        } catch (IOException _) {
            return 0; // it has ended
        }
    }

    /// The receiving thread's directory below /proc. It is another one after an interface was down.
    private Path receiver() throws IOException {
        Path known = receiver;
        if (known != null && commandOf(known).startsWith("napi/" + name + "-")) {
            return known;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path each : all) {
                if (commandOf(each).startsWith("napi/" + name + "-")) {
                    receiver = each;
                    return each;
                }
            }
        }
        throw new IOException(name + " has no receiving thread");
    }

    private static String commandOf(Path process) {
        try {
            return Files.readString(process.resolve("comm"));
        } catch (IOException _) {
            return ""; // it has ended
        }
    }

    /// Runs a program of the machine in the director's namespace.
    ///
    /// @throws NoSuchFileException if it is not installed
    /// @throws IOException with what it said, if it fails
    void command(String... command) throws IOException {
        Process process;
        try {
            process = director.start(List.of(command), ProcessBuilder.Redirect.PIPE);
        } catch (IOException e) {
            NoSuchFileException missing = new NoSuchFileException(command[0]);
            missing.initCause(e);
            throw missing;
        }
        String output;
        try (var stream = process.getInputStream()) {
            output = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /// The way for a load to the director, to an address and port.
    ForwardLoad.Way way(Address destination, int port) {
        return new ForwardLoad.Way(
                source.namespace(),
                source.link("eth0").index(),
                mac(source, "eth0"),
                mac(director, name),
                SOURCE,
                destination,
                port);
    }

    private static MacAddress mac(LabHost host, String link) {
        MacAddress mac = host.link(link).mac();
        if (mac == null) {
            throw new IllegalStateException(link + " has no Ethernet address");
        }
        return mac;
    }

    /// Packets that the sink has received.
    long received() throws IOException {
        List<String> lines =
                sink.call(() -> Files.readAllLines(Path.of("/proc/thread-self/net/dev")));
        for (String line : lines) {
            String[] fields = line.strip().split("[: ]+");
            if (fields[0].equals("eth0")) {
                return Long.parseLong(fields[2]);
            }
        }
        throw new IOException("the sink has no eth0");
    }
}
