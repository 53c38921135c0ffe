package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// An AF_XDP socket on one receive queue of one interface, with all four rings. Sockets on several
/// interfaces and queues may share one [Umem]; each has a fill and a completion ring of its own.
///
/// Frames sent by [#tx()] come back on the same socket's [#completion()]. Packets arrive once the
/// socket's descriptor is in an XSKMAP to which an XDP program redirects.
public final class XdpSocket implements AutoCloseable {
    /// How packets get between driver and umem.
    public enum Mode {
        /// Zero copy if the driver has it, else copying. The kernel decides.
        ANY(0),
        /// The kernel copies each packet; works with every driver.
        COPY(1 << 1),
        /// The driver uses the umem itself.
        ZERO_COPY(1 << 2);

        private final int flag;

        Mode(int flag) {
            this.flag = flag;
        }
    }

    /// What the kernel counted on this socket since it was made.
    ///
    /// @param rxDropped packets dropped for other reasons than those below
    /// @param rxInvalid fill ring entries that named no frame
    /// @param txInvalid transmit entries outside the umem
    /// @param rxRingFull packets dropped because the receive ring was full
    /// @param fillRingEmpty packets dropped because there was no frame to receive into
    /// @param txRingEmpty times the kernel found nothing to send
    public record Statistics(
            long rxDropped,
            long rxInvalid,
            long txInvalid,
            long rxRingFull,
            long fillRingEmpty,
            long txRingEmpty) {}

    private static final int AF_XDP = 44;
    private static final int SOCK_RAW = 3;
    private static final int SOL_XDP = 283;
    private static final int MMAP_OFFSETS = 1;
    private static final int RX_RING = 2;
    private static final int TX_RING = 3;
    private static final int UMEM_REG = 4;
    private static final int FILL_RING = 5;
    private static final int COMPLETION_RING = 6;
    private static final int STATISTICS = 7;
    private static final int OPTIONS = 8;
    private static final int SHARED_UMEM = 1;
    private static final int USE_NEED_WAKEUP = 1 << 3;
    private static final int MSG_DONTWAIT = 0x40;

    private static final int BUSY_TRIES = 50;
    private static final long BUSY_PAUSE_NS = 20_000_000;

    private static final long PAGE_OFFSET_RX = 0;
    private static final long PAGE_OFFSET_TX = 0x80000000L;
    private static final long PAGE_OFFSET_FILL = 0x100000000L;
    private static final long PAGE_OFFSET_COMPLETION = 0x180000000L;

    private static final int ADDRESS_SHIFT = 3; // fill and completion entries are addresses
    private static final int DESCRIPTOR_SHIFT = 4; // struct xdp_desc: address, length, options

    private final Umem umem;
    private final int interfaceIndex;
    private final int queue;
    private final Fd fd;
    private final List<Mapping> mappings = new ArrayList<>();
    private final ProducerRing fill;
    private final ProducerRing tx;
    private final ConsumerRing completion;
    private final ConsumerRing rx;

    /// Makes a socket and binds it to a queue of an interface of the calling thread's namespace.
    ///
    /// @param mode ignored when the umem has sockets already: the first one's holds
    /// @param ringSize entries of each ring, a power of two
    /// @throws LinuxException EBUSY if the queue has a socket already; EINVAL if there is no such
    ///   queue; EOPNOTSUPP if the driver has no zero copy
    public static XdpSocket open(
            Umem umem, int interfaceIndex, int queue, Mode mode, int ringSize) {
        if (Integer.bitCount(ringSize) != 1) {
            throw new IllegalArgumentException("ring size " + ringSize + " is no power of two");
        }
        synchronized (umem) {
            XdpSocket socket = openPatiently(umem, interfaceIndex, queue, mode, ringSize);
            umem.bound().add(socket);
            return socket;
        }
    }

    /// The kernel lets go of a queue only some milliseconds after its socket is closed, so "busy"
    /// is believed when it lasts.
    private static XdpSocket openPatiently(
            Umem umem, int interfaceIndex, int queue, Mode mode, int ringSize) {
        for (int attempt = 1; ; attempt++) {
            try {
                return new XdpSocket(umem, interfaceIndex, queue, mode, ringSize);
            } catch (LinuxException e) {
                if (e.errno() != Errno.EBUSY || attempt == BUSY_TRIES) {
                    throw e;
                }
                LockSupport.parkNanos(BUSY_PAUSE_NS);
            }
        }
    }

    private XdpSocket(Umem umem, int interfaceIndex, int queue, Mode mode, int ringSize) {
        this.umem = umem;
        this.interfaceIndex = interfaceIndex;
        this.queue = queue;
        fd = Syscalls.socket("socket(AF_XDP)", AF_XDP, SOCK_RAW, 0);
        try (Arena arena = Arena.ofConfined()) {
            if (umem.bound().isEmpty()) {
                register(arena);
            }
            for (int ring : new int[] {FILL_RING, COMPLETION_RING, RX_RING, TX_RING}) {
                Syscalls.setOption("AF_XDP ring " + ring, fd, SOL_XDP, ring, ringSize);
            }
            // struct xdp_mmap_offsets: rx, tx, fill, completion; each producer, consumer, desc,
            // flags
            MemorySegment offsets = arena.allocate(128, 8);
            Syscalls.getOption("XDP_MMAP_OFFSETS", fd, SOL_XDP, MMAP_OFFSETS, offsets);
            rx = consumer(offsets.asSlice(0, 32), ringSize, DESCRIPTOR_SHIFT, PAGE_OFFSET_RX);
            tx = producer(offsets.asSlice(32, 32), ringSize, DESCRIPTOR_SHIFT, PAGE_OFFSET_TX);
            fill = producer(offsets.asSlice(64, 32), ringSize, ADDRESS_SHIFT, PAGE_OFFSET_FILL);
            completion =
                    consumer(
                            offsets.asSlice(96, 32),
                            ringSize,
                            ADDRESS_SHIFT,
                            PAGE_OFFSET_COMPLETION);
            bind(arena, mode);
        } catch (RuntimeException e) {
            release();
            throw e;
        }
    }

    private void register(Arena arena) {
        MemorySegment memory = umem.memory();
        // struct xdp_umem_reg: address, length, chunk size, headroom, flags
        MemorySegment registration = arena.allocate(32, 8);
        registration.set(JAVA_LONG, 0, memory.address());
        registration.set(JAVA_LONG, 8, memory.byteSize());
        registration.set(JAVA_INT, 16, umem.frameBytes());
        Syscalls.setOption(
                "register " + memory.byteSize() + " bytes of AF_XDP memory",
                fd,
                SOL_XDP,
                UMEM_REG,
                registration);
    }

    private void bind(Arena arena, Mode mode) {
        MemorySegment address = arena.allocate(16, 4);
        address.set(JAVA_SHORT, 0, (short) AF_XDP);
        if (umem.bound().isEmpty()) {
            address.set(JAVA_SHORT, 2, (short) (mode.flag | USE_NEED_WAKEUP));
        } else {
            // The first one's mode holds for all; the kernel refuses flags here.
            address.set(JAVA_SHORT, 2, (short) SHARED_UMEM);
            address.set(JAVA_INT, 12, umem.bound().getFirst().fd.value());
        }
        address.set(JAVA_INT, 4, interfaceIndex);
        address.set(JAVA_INT, 8, queue);
        Syscalls.bind(
                "bind AF_XDP socket to link " + interfaceIndex + " queue " + queue, fd, address);
    }

    private MemorySegment map(MemorySegment offsets, int size, int shift, long pageOffset) {
        long bytes = offsets.get(JAVA_LONG, 16) + ((long) size << shift);
        Mapping mapping = Mapping.ofFile("mmap AF_XDP ring", fd, bytes, pageOffset);
        mappings.add(mapping);
        return mapping.segment();
    }

    private ProducerRing producer(MemorySegment offsets, int size, int shift, long pageOffset) {
        return new ProducerRing(
                map(offsets, size, shift, pageOffset),
                offsets.get(JAVA_LONG, 0),
                offsets.get(JAVA_LONG, 8),
                offsets.get(JAVA_LONG, 24),
                offsets.get(JAVA_LONG, 16),
                shift,
                size);
    }

    private ConsumerRing consumer(MemorySegment offsets, int size, int shift, long pageOffset) {
        return new ConsumerRing(
                map(offsets, size, shift, pageOffset),
                offsets.get(JAVA_LONG, 0),
                offsets.get(JAVA_LONG, 8),
                offsets.get(JAVA_LONG, 16),
                shift,
                size);
    }

    public Umem umem() {
        return umem;
    }

    public int interfaceIndex() {
        return interfaceIndex;
    }

    public int queue() {
        return queue;
    }

    /// For an XSKMAP and for [Poll].
    public Fd fd() {
        return fd;
    }

    /// Frames for the kernel to receive into.
    public ProducerRing fill() {
        return fill;
    }

    /// Packets to send.
    public ProducerRing tx() {
        return tx;
    }

    /// Frames whose packets have been sent.
    public ConsumerRing completion() {
        return completion;
    }

    /// Packets received.
    public ConsumerRing rx() {
        return rx;
    }

    /// Has the kernel send what is on the transmit ring. In copy mode it sends here and now, about
    /// 32 packets a call; this calls until the ring is empty or the device takes no more.
    ///
    /// @return 0, or the errno for which it stopped: EAGAIN, EBUSY and ENOBUFS pass with time,
    ///   ENETDOWN with the interface
    public int flush() {
        int before = tx.pending();
        while (before > 0) {
            long result = Syscalls.call(Nr.SENDTO, fd.value(), 0, 0, MSG_DONTWAIT, 0, 0);
            int after = tx.pending();
            if (after == before) {
                return result < 0 ? (int) -result : 0;
            }
            before = after;
        }
        return 0;
    }

    /// Has the driver look at the fill ring, where [ProducerRing#needsWakeup()] says that it waits.
    public void wakeReceiver() {
        Syscalls.call(Nr.RECVFROM, fd.value(), 0, 0, MSG_DONTWAIT, 0, 0);
    }

    /// Whether the driver works on the umem itself.
    public boolean isZeroCopy() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment options = arena.allocate(4, 4);
            Syscalls.getOption("XDP_OPTIONS", fd, SOL_XDP, OPTIONS, options);
            return (options.get(JAVA_INT, 0) & 1) != 0;
        }
    }

    public Statistics statistics() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(48, 8);
            Syscalls.getOption("XDP_STATISTICS", fd, SOL_XDP, STATISTICS, s);
            return new Statistics(
                    s.get(JAVA_LONG, 0),
                    s.get(JAVA_LONG, 8),
                    s.get(JAVA_LONG, 16),
                    s.get(JAVA_LONG, 24),
                    s.get(JAVA_LONG, 32),
                    s.get(JAVA_LONG, 40));
        }
    }

    private void release() {
        fd.close();
        mappings.forEach(Mapping::close);
    }

    /// Unbinds. Frames on its rings are nobody's until the umem's user takes account of them.
    @Override
    public void close() {
        synchronized (umem) {
            umem.bound().remove(this);
            if (fd.isOpen()) {
                release();
            }
        }
    }
}
