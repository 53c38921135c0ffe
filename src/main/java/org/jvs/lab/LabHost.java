package org.jvs.lab;

import java.io.File;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.linux.Ethtool;
import org.jvs.linux.Link;
import org.jvs.linux.LinkSpec;
import org.jvs.linux.Netlink;
import org.jvs.linux.NetworkNamespace;
import org.jvs.linux.Prefix;
import org.jvs.linux.Route;
import org.jvs.linux.Sysctl;

/// A host of the lab: a network namespace with its own links, addresses, routes and settings, in
/// which threads of this JVM and processes run.
public final class LabHost {
    /// The environment variable by which a process tells the lab it belongs to.
    static final String OWNER = "JVS_LAB";

    private final String label;
    private final LabName owner;
    private final NetworkNamespace namespace;
    private final Netlink netlink;
    private final List<Process> processes = new ArrayList<>();

    LabHost(String label, LabName owner, String namespaceName) {
        this.label = label;
        this.owner = owner;
        namespace = NetworkNamespace.create(namespaceName);
        try {
            netlink = Netlink.open(namespace);
        } catch (RuntimeException e) {
            namespace.delete();
            throw e;
        }
    }

    void prepare() {
        up("lo");
        for (String which : List.of("all", "default")) {
            sysctl("net/ipv4/conf/" + which + "/rp_filter", "0");
            sysctl("net/ipv4/conf/" + which + "/send_redirects", "0");
            sysctlIfThere("net/ipv6/conf/" + which + "/accept_dad", "0");
            sysctlIfThere("net/ipv6/conf/" + which + "/accept_ra", "0");
        }
    }

    /// What the lab calls it: `client`, `director`, `rs1` ...
    public String label() {
        return label;
    }

    public NetworkNamespace namespace() {
        return namespace;
    }

    /// The host's network configuration.
    public Netlink netlink() {
        return netlink;
    }

    /// The link of that name.
    public Link link(String name) {
        return netlink.links().get(name);
    }

    public void up(String link) {
        netlink.links().setUp(link(link).index());
    }

    public void down(String link) {
        netlink.links().setDown(link(link).index());
    }

    /// Makes a bridge, up, and without addresses of its own.
    public void bridge(String name) {
        netlink.links().createBridge(LinkSpec.named(name));
        up(name);
    }

    /// Plugs a link into a bridge of this host.
    public void plug(String link, String bridge) {
        netlink.links().setMaster(link(link).index(), link(bridge).index());
    }

    /// Adds an address, usable at once.
    ///
    /// @param prefix such as `10.10.1.2/24`; a single host without a length
    public void address(String link, String prefix) {
        netlink.addresses().add(link(link).index(), Prefix.parse(prefix));
    }

    /// As [#address(String, String)] for a single host.
    public void address(String link, Address address) {
        netlink.addresses().add(link(link).index(), Prefix.host(address));
    }

    public void removeAddress(String link, Address address) {
        netlink.addresses().delete(link(link).index(), Prefix.host(address));
    }

    /// Adds a route by a gateway.
    ///
    /// @param destination such as `10.10.2.0/24`; `0.0.0.0/0` or `::/0` is the default route
    public void route(String destination, String gateway) {
        netlink.routes().add(Route.via(Prefix.parse(destination), Address.parse(gateway)));
    }

    /// Writes a setting below /proc/sys.
    public void sysctl(String name, String value) {
        namespace.run(() -> Sysctl.write(name, value));
    }

    private void sysctlIfThere(String name, String value) {
        namespace.run(() -> {
            if (Sysctl.exists(name)) {
                Sysctl.write(name, value);
            }
        });
    }

    /// Has the host forward packets between its links, as the director and routers do.
    public void forward() {
        sysctl("net/ipv4/ip_forward", "1");
        sysctlIfThere("net/ipv6/conf/all/forwarding", "1");
    }

    /// Has the host answer ARP only for addresses of the link that was asked, and use such ones:
    /// what a realserver with the VIP on `lo` needs for direct routing and tunnelling.
    public void hideLoopbackAddresses() {
        for (String which : List.of("all", "default")) {
            sysctl("net/ipv4/conf/" + which + "/arp_ignore", "1");
            sysctl("net/ipv4/conf/" + which + "/arp_announce", "2");
        }
    }

    /// Runs the task on a thread inside this host and waits for it. Sockets it opens stay here.
    public <T, E extends Exception> T call(NetworkNamespace.Task<T, E> task) throws E {
        return namespace.call(task);
    }

    /// An unconnected TCP socket of this host, which any thread may use.
    public SocketChannel tcpSocket(Family family) throws IOException {
        return call(() -> SocketChannel.open(protocolFamily(family)));
    }

    /// An unbound UDP socket of this host, which any thread may use.
    public DatagramChannel udpSocket(Family family) throws IOException {
        return call(() -> DatagramChannel.open(protocolFamily(family)));
    }

    private static ProtocolFamily protocolFamily(Family family) {
        return family == Family.IPV6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    /// Starts a process inside this host; it ends with the lab at the latest. A process inherits
    /// the namespace of the thread that forks it, so nothing like `ip netns exec` is needed.
    ///
    /// @param output where its standard output and error go, null for a pipe to read
    public Process start(List<String> command, ProcessBuilder.Redirect output) throws IOException {
        return start(
                new ProcessBuilder(command)
                        .redirectInput(new File("/dev/null"))
                        .redirectErrorStream(true)
                        .redirectOutput(output));
    }

    /// As [#start(List, ProcessBuilder.Redirect)] with this process's own input and outputs.
    public Process startOnTerminal(List<String> command) throws IOException {
        return start(new ProcessBuilder(command).inheritIO());
    }

    private Process start(ProcessBuilder builder) throws IOException {
        builder.environment().put(OWNER, owner.toString());
        Process process = call(builder::start);
        synchronized (processes) {
            processes.add(process);
        }
        return process;
    }

    void endProcesses() {
        List<Process> all;
        synchronized (processes) {
            all = List.copyOf(processes);
        }
        all.forEach(Process::destroy);
        try {
            for (Process process : all) {
                if (!process.waitFor(5, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            }
        } catch (InterruptedException e) {
            all.forEach(Process::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }

    /// Links are removed by name because a namespace lives as long as any socket of it does.
    void remove() {
        try (netlink) {
            for (Link link : netlink.links().list()) {
                boolean ours = link.kind().equals("veth") || link.kind().equals("bridge");
                if (ours) {
                    netlink.links().deleteIfExists(link.name());
                }
            }
        } finally {
            namespace.delete();
        }
    }

    @Override
    public String toString() {
        return label;
    }

    /// Has an end of a veth receive on its own (GRO gives it a NAPI): only then does the other end
    /// pass on what an XDP program sends.
    void receiveByItself(String link) {
        try (Ethtool ethtool = Ethtool.open(namespace())) {
            ethtool.setOffloads(link, ethtool.offloads(link).withGro(true));
        }
    }
}
