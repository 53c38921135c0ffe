package org.jvs.datapath;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.jvs.core.engine.Engine;
import org.jvs.core.engine.Verdict;
import org.jvs.core.wire.Packet;
import org.jvs.core.wire.PartialChecksum;
import org.jvs.core.wire.Reason;
import org.jvs.linux.ConsumerRing;
import org.jvs.linux.EventFd;
import org.jvs.linux.Fd;
import org.jvs.linux.Poll;
import org.jvs.linux.ThreadPriority;
import org.jvs.linux.Umem;
import org.jvs.linux.XdpSocket;

/// The packet thread: takes packets from the receive rings of all ports, asks the engine, and
/// sends, gives to the host or forgets each. Spins while there is work and a little longer, then
/// sleeps in poll(2). Allocates nothing per packet.
///
/// Under load it shares its CPU with the kernel's receiving thread (NAPI), which at equal priority
/// takes half of the time for packets that then find the ring full: an overloaded director would
/// forward the less the more comes. So this thread has the higher priority, and when it has emptied
/// the ring after a full batch it rests for [#REST_NS] whatever arrives, lest it be woken for each
/// single packet: as an interface card that coalesces its interrupts.
final class PacketLoop implements AutoCloseable {
    private static final int BATCH = 64;
    private static final int SPINS = 20;

    /// At ten million packets a second a ring of 2048 is half full after this time.
    private static final long REST_NS = 100_000;

    private static final long SLEEP_NS = 500_000_000;
    private static final long SLEEP_WHILE_UNSENT_NS = 200_000;
    private static final long SLEEP_WHILE_WAITING_NS = 10_000_000;

    private final Engine engine;
    private final Frames frames;
    private final MemorySegment memory;
    private final Egress egress;
    private final @Nullable HostPath hostPath;
    private final @Nullable HostAnswers answers;
    private final LongSupplier clockMs;
    private final Consumer<Throwable> failed;
    private final EventFd wakeup = new EventFd();
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final List<PortQueue> queues = new ArrayList<>();
    private final Packet packet = new Packet();
    private final Thread thread;
    private Poll poll = new Poll(wakeup.fd());
    private int nextNumber;
    private boolean unsent;
    private volatile boolean closed;

    /// @param clockMs the director's clock
    /// @param failed hears why the thread ended, if it did not have to
    PacketLoop(
            Engine engine,
            HostTables host,
            Umem umem,
            ResolveRequests requests,
            Runnable askForNeighbours,
            @Nullable HostPath hostPath,
            LongSupplier clockMs,
            Consumer<Throwable> failed) {
        this.engine = engine;
        this.frames = new Frames(umem);
        this.memory = umem.memory();
        this.egress = new Egress(host, engine, frames, requests, askForNeighbours);
        this.hostPath = hostPath;
        this.answers = hostPath == null ? null : new HostAnswers(hostPath, engine, frames, egress);
        this.clockMs = clockMs;
        this.failed = failed;
        this.thread = Thread.ofPlatform().daemon().name("jvs-packets").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Begins to receive from a port's sockets and to send on them.
    void add(Port port) {
        command(() -> {
            for (XdpSocket socket : port.sockets) {
                var queue = new PortQueue(nextNumber++, port, socket, frames);
                port.queues.add(queue);
                queues.add(queue);
                queue.refill();
            }
            egress.add(port);
            rebuildPoll();
        });
    }

    /// Ends it; afterwards the sockets may be closed. Their frames are free with [#reclaim].
    void remove(Port port) {
        command(() -> {
            egress.remove(port);
            queues.removeAll(port.queues);
            rebuildPoll();
        });
    }

    /// Frees the frames of a removed port whose sockets are closed.
    void reclaim(Port port) {
        command(() -> port.queues.forEach(queue -> frames.releaseAll(queue.number)));
    }

    /// Begins to take what the host sends to `jvs0`.
    void listenToHost() {
        HostAnswers fromHost = answers;
        if (fromHost != null) {
            command(() -> {
                fromHost.listen();
                rebuildPoll();
            });
        }
    }

    /// Packets that came from the host.
    long receivedFromHost() {
        return answers == null ? 0 : answers.received();
    }

    /// Looks at the host's tables soon.
    void wakeup() {
        wakeup.signal();
    }

    private void command(Runnable body) {
        CountDownLatch done = new CountDownLatch(1);
        commands.add(() -> {
            body.run();
            done.countDown();
        });
        wakeup.signal();
        try {
            while (thread.isAlive()
                    && !done.await(100, java.util.concurrent.TimeUnit.MILLISECONDS)) {
                wakeup.signal();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void rebuildPoll() {
        poll.close();
        Fd host = answers != null && answers.isListening() ? answers.fd() : null;
        Fd[] descriptors = new Fd[queues.size() + (host == null ? 1 : 2)];
        for (int i = 0; i < queues.size(); i++) {
            descriptors[i] = queues.get(i).socket.fd();
        }
        descriptors[queues.size()] = wakeup.fd();
        if (host != null) {
            descriptors[queues.size() + 1] = host;
        }
        poll = new Poll(descriptors);
    }

    private void run() {
        try {
            // without it, it forwards as well until the load is too high
            boolean _ = ThreadPriority.realTime();
            int idle = 0;
            int burst = 0;
            while (!closed) {
                runCommands();
                int received = round();
                burst += received;
                if (received > 0) {
                    idle = 0;
                } else if (burst >= BATCH) {
                    LockSupport.parkNanos(REST_NS);
                    burst = 0;
                } else if (++idle < SPINS) {
                    Thread.onSpinWait();
                } else {
                    sleep();
                    idle = 0;
                    burst = 0;
                }
            }
        } catch (RuntimeException | Error e) {
            if (!closed) {
                failed.accept(e);
            }
        }
    }

    private void runCommands() {
        Runnable next = commands.poll();
        while (next != null) {
            next.run();
            next = commands.poll();
        }
    }

    private void sleep() {
        long limitNs = egress.isWaiting() ? SLEEP_WHILE_WAITING_NS : SLEEP_NS;
        poll.await(unsent ? SLEEP_WHILE_UNSENT_NS : limitNs);
        if (poll.ready(queues.size()) != 0) {
            wakeup.clear();
        }
    }

    /// One look at every queue; how many packets were received.
    private int round() {
        long nowMs = clockMs.getAsLong();
        egress.refresh(nowMs);
        int received = 0;
        unsent = false;
        for (int i = 0; i < queues.size(); i++) {
            received += receive(queues.get(i), nowMs);
        }
        if (answers != null) {
            received += answers.receive(nowMs);
        }
        for (int i = 0; i < queues.size(); i++) {
            PortQueue queue = queues.get(i);
            unsent |= !queue.flush();
            queue.reclaim();
        }
        for (int i = 0; i < queues.size(); i++) {
            queues.get(i).refill();
        }
        return received;
    }

    private int receive(PortQueue queue, long nowMs) {
        ConsumerRing rx = queue.socket.rx();
        int count = rx.available(BATCH);
        for (int i = 0; i < count; i++) {
            int length = rx.length(i) - Egress.ETHERNET;
            packet.wrap(memory, rx.address(i) + Egress.ETHERNET, length, 0, length);
            engine.expect(packet);
        }
        for (int i = 0; i < count; i++) {
            handle(queue, rx.address(i), rx.length(i), nowMs);
        }
        if (count > 0) {
            rx.release(count);
            queue.received(count);
            Port.add(queue.port.received, count);
        }
        return count;
    }

    private void handle(PortQueue queue, long address, int bytes, long nowMs) {
        Port port = queue.port;
        frames.hold(address, Frames.IN_HAND);
        long start = address + Egress.ETHERNET;
        int length = bytes - Egress.ETHERNET;
        long frame = frames.start(address);
        if (length > port.mtu) {
            Port.add(port.merged, 1);
        }
        if (PartialChecksum.complete(memory, start, length)) {
            Port.add(port.partial, 1);
            engine.note(Reason.CHECKSUM_MISSING);
        }
        // the Ethernet header's room stays free for the one that is sent
        int headroom = (int) (address - frame);
        packet.wrap(memory, start, length, headroom, (int) (frame + frames.bytes() - start));
        packet.inInterface = port.index;
        Verdict verdict = engine.process(packet, nowMs);
        switch (verdict) {
            case FORWARD, REPLY -> egress.send(packet, queue.socket.queue(), nowMs);
            case PASS, LOCAL -> {
                if (hostPath != null) {
                    hostPath.send(memory, packet.start(), packet.length());
                }
                frames.release(address);
            }
            case DROP -> frames.release(address);
        }
    }

    /// Ends the thread.
    @Override
    public void close() {
        closed = true;
        wakeup.signal();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        poll.close();
        wakeup.close();
        if (answers != null) {
            answers.close();
        }
    }
}
