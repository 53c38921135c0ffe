package org.jvs.lab;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jvs.linux.Ethtool;
import org.jvs.linux.LinkSpec;
import org.jvs.linux.NetworkNamespace;

/// A small network of its own: hosts, which are network namespaces, joined by veths. It is gone
/// after [#close()], after the end of the JVM by any signal but SIGKILL, and after that at the
/// start of the next lab.
public final class Lab implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final LabName owner = LabName.own();
    private final int number = COUNT.incrementAndGet();
    private final List<LabHost> hosts = new ArrayList<>();
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final Thread hook =
            Thread.ofPlatform().name("lab-" + number + "-cleanup").unstarted(this::cleanUp);
    private boolean closed;

    private Lab() {}

    /// An empty lab.
    ///
    /// @throws org.jvs.linux.LinuxException EPERM unless root, when its first host is made
    public static Lab create() {
        Sweep.run();
        Lab lab = new Lab();
        Runtime.getRuntime().addShutdownHook(lab.hook);
        return lab;
    }

    /// Makes a host. Its loopback is up; it checks neither reverse paths nor duplicate addresses.
    ///
    /// @param label small letters, digits and dashes; unique within the lab
    public synchronized LabHost host(String label) {
        if (closed) {
            throw new IllegalStateException("the lab is closed");
        }
        LabHost host = new LabHost(label, owner, owner.namespace(number, label));
        hosts.add(host);
        host.prepare();
        return host;
    }

    /// Lays a veth between two hosts; both ends are up. With `plain` every packet on it is as it
    /// would be on a real wire: checksums complete, nothing merged.
    public void wire(LabHost one, String name, LabHost other, String otherName, boolean plain) {
        one.netlink()
                .links()
                .createVeth(LinkSpec.named(name), LinkSpec.named(otherName).in(other.namespace()));
        if (plain) {
            makePlain(one, name);
            makePlain(other, otherName);
        }
        one.up(name);
        other.up(otherName);
    }

    private static void makePlain(LabHost host, String link) {
        try (Ethtool ethtool = Ethtool.open(host.namespace())) {
            ethtool.setOffloads(link, ethtool.offloads(link).plain());
        }
    }

    /// Has something closed with the lab, before its hosts go and the newest first.
    public synchronized <T extends AutoCloseable> T closing(T resource) {
        resources.push(resource);
        return resource;
    }

    /// Ends what was started in the lab and removes it. A second call does nothing.
    @Override
    public void close() {
        cleanUp();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // the JVM is ending: the hook finds everything done
        }
    }

    private synchronized void cleanUp() {
        if (closed) {
            return;
        }
        closed = true;
        while (!resources.isEmpty()) {
            AutoCloseable resource = resources.pop();
            attempt(resource::close);
        }
        hosts.forEach(host -> attempt(host::endProcesses));
        hosts.forEach(host -> attempt(host::remove));
    }

    private interface Step {
        void run() throws Exception;
    }

    /// One step that fails must not keep the rest from being cleaned up.
    private static void attempt(Step step) {
        try {
            step.run();
        } catch (Exception e) {
            System.err.println("lab: while cleaning up: " + e);
        }
    }

    /// Removes at once what dead processes left of their labs.
    public static void sweep() {
        Sweep.run();
    }

    /// The namespaces of this lab, for messages.
    public synchronized List<NetworkNamespace> namespaces() {
        return hosts.stream().map(LabHost::namespace).toList();
    }
}
