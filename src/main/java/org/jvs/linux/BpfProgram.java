package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A program that the verifier accepted.
public final class BpfProgram implements AutoCloseable {
    /// Kinds of program; the numbers are `BPF_PROG_TYPE_*`.
    public enum Type {
        SOCKET_FILTER(1, 0),
        SCHED_CLS(3, 0),
        XDP(6, 37);

        private final int number;
        private final int attachType;

        Type(int number, int attachType) {
            this.number = number;
            this.attachType = attachType;
        }
    }

    /// Load flag: an XDP program that tolerates packets in several buffers (MTU above a page).
    public static final int XDP_HAS_FRAGS = 1 << 5;

    private static final int TEST_LIVE_FRAMES = 1 << 1;
    private static final int INSTRUCTION_BYTES = 8;
    private static final int LOG_BYTES = 1 << 20;
    private static final int LOG_BYTES_MAX = 1 << 24;

    private final String name;
    private final Fd fd;

    private BpfProgram(String name, Fd fd) {
        this.name = name;
        this.fd = fd;
    }

    /// What a test run did.
    ///
    /// @param result the program's return value (XDP action)
    /// @param outputBytes length of the packet afterwards
    /// @param durationNs nanoseconds of one run, the average over the repeats
    public record TestRun(int result, int outputBytes, int durationNs) {}

    /// Who an attached or loaded program is.
    ///
    /// @param id unique in the system
    /// @param tag hash of its instructions, as bpftool shows it
    public record Identity(int id, int type, String name, String tag) {}

    /// Loads an XDP program.
    ///
    /// @param code instructions of eight bytes, host byte order
    /// @param listing what to show if it is refused: its text is only asked for then; lines of
    ///   instructions begin with `number:`
    /// @throws BpfLoadException if the verifier refuses it
    public static BpfProgram loadXdp(String name, byte[] code, Object listing) {
        return load(Type.XDP, name, code, listing, 0);
    }

    /// As [#loadXdp] for any type.
    ///
    /// @param flags [#XDP_HAS_FRAGS] or 0
    public static BpfProgram load(Type type, String name, byte[] code, Object listing, int flags) {
        if (code.length == 0 || code.length % INSTRUCTION_BYTES != 0) {
            throw new IllegalArgumentException(
                    "a program of " + code.length + " bytes is not a number of instructions");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attributes(arena);
            MemorySegment instructions = arena.allocate(code.length, 8);
            MemorySegment.copy(code, 0, instructions, JAVA_BYTE, 0, code.length);
            attr.set(JAVA_INT, 0, type.number);
            attr.set(JAVA_INT, 4, code.length / INSTRUCTION_BYTES);
            attr.set(JAVA_LONG, 8, instructions.address());
            attr.set(JAVA_LONG, 16, arena.allocateFrom("Dual BSD/GPL").address());
            attr.set(JAVA_INT, 44, flags);
            Bpf.setName(attr, 48, name);
            attr.set(JAVA_INT, 68, type.attachType);
            long fd = Bpf.call(Bpf.PROG_LOAD, attr, Bpf.ATTR_BYTES);
            if (fd == -Errno.EAGAIN) {
                fd = Bpf.call(Bpf.PROG_LOAD, attr, Bpf.ATTR_BYTES); // a signal during verification
            }
            if (fd >= 0) {
                return new BpfProgram(name, new Fd((int) fd));
            }
            if (fd == -Errno.EPERM) {
                throw new LinuxException("load BPF program " + name, Errno.EPERM);
            }
            String log = verifierLog(attr, arena);
            throw new BpfLoadException(name, (int) -fd, log, listing.toString());
        }
    }

    /// Loads again for the log, which costs time that a good program need not spend.
    private static String verifierLog(MemorySegment attr, Arena arena) {
        for (int bytes = LOG_BYTES; ; bytes = LOG_BYTES_MAX) {
            MemorySegment log = arena.allocate(bytes, 8);
            attr.set(JAVA_INT, 24, 1);
            attr.set(JAVA_INT, 28, bytes);
            attr.set(JAVA_LONG, 32, log.address());
            long fd = Bpf.call(Bpf.PROG_LOAD, attr, Bpf.ATTR_BYTES);
            if (fd >= 0) {
                new Fd((int) fd).close();
                return "(accepted when asked again for the log)";
            }
            String text = log.getString(0);
            // since Linux 6.4 a log that is too long loses its beginning, before that its end
            boolean ended = fd != -Errno.ENOSPC || text.contains("\nprocessed ");
            if (ended || bytes == LOG_BYTES_MAX) {
                return text;
            }
        }
    }

    public Fd fd() {
        return fd;
    }

    public String name() {
        return name;
    }

    /// Runs the program on a packet without any interface (BPF_PROG_TEST_RUN). Maps are used for
    /// real; a redirect is only a return value.
    ///
    /// @param packet at least 14 bytes, native memory
    /// @param output receives the packet as the program left it, null if nobody cares
    /// @param repeat how often; the packet is not restored in between
    /// @throws LinuxException ENOSPC if `output` is too small
    public TestRun testRun(MemorySegment packet, @Nullable MemorySegment output, int repeat) {
        return testRun(packet, output, repeat, 0, 0);
    }

    /// As [#testRun(MemorySegment, MemorySegment, int)] with an XDP context.
    ///
    /// @param ingressIfindex an interface of the calling thread's namespace, 0 for none
    /// @param rxQueue the receive queue the context shall name
    public TestRun testRun(
            MemorySegment packet,
            @Nullable MemorySegment output,
            int repeat,
            int ingressIfindex,
            int rxQueue) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attributes(arena);
            attr.set(JAVA_INT, 0, fd.value());
            attr.set(JAVA_INT, 8, (int) packet.byteSize());
            attr.set(JAVA_LONG, 16, packet.address());
            if (output != null) {
                attr.set(JAVA_INT, 12, (int) output.byteSize());
                attr.set(JAVA_LONG, 24, output.address());
            }
            attr.set(JAVA_INT, 32, repeat);
            if (ingressIfindex != 0 || rxQueue != 0) {
                // struct xdp_md: data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress
                MemorySegment context = arena.allocate(24, 8);
                context.set(JAVA_INT, 4, (int) packet.byteSize());
                context.set(JAVA_INT, 12, ingressIfindex);
                context.set(JAVA_INT, 16, rxQueue);
                attr.set(JAVA_INT, 40, (int) context.byteSize());
                attr.set(JAVA_LONG, 48, context.address());
            }
            String what = "test run of BPF program " + name;
            Syscalls.check(what, Bpf.call(Bpf.PROG_TEST_RUN, attr, 80));
            return new TestRun(
                    attr.get(JAVA_INT, 4), attr.get(JAVA_INT, 12), attr.get(JAVA_INT, 36));
        }
    }

    /// Has an XDP program send packets for real: runs it on `count` copies of a packet and carries
    /// out its verdicts, in the calling thread and its namespace (BPF_F_TEST_XDP_LIVE_FRAMES, Linux
    /// 5.18). The copies lie in a few recycled frames: one that was sent comes again as its
    /// receiver left it, so the program has to write all that matters.
    ///
    /// @param packet at least 14 bytes, native memory
    /// @param count how many; a signal ends it early
    /// @param batch how many are sent at a time, up to 256
    public void runLive(MemorySegment packet, int count, int batch) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attributes(arena);
            attr.set(JAVA_INT, 0, fd.value());
            attr.set(JAVA_INT, 8, (int) packet.byteSize());
            attr.set(JAVA_LONG, 16, packet.address());
            attr.set(JAVA_INT, 32, count);
            attr.set(JAVA_INT, 64, TEST_LIVE_FRAMES);
            attr.set(JAVA_INT, 72, batch);
            long result = Bpf.call(Bpf.PROG_TEST_RUN, attr, 80);
            if (result != -Errno.EINTR) {
                Syscalls.check("live run of BPF program " + name, result);
            }
        }
    }

    public Identity identity() {
        return identity(fd);
    }

    /// Who the program of that id is, as found in [Link#xdpProgramId()].
    ///
    /// @throws LinuxException ENOENT if it is gone
    public static Identity identity(int id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attributes(arena);
            attr.set(JAVA_INT, 0, id);
            String what = "BPF program " + id;
            long number = Syscalls.check(what, Bpf.call(Bpf.PROG_GET_FD_BY_ID, attr, 12));
            try (Fd program = new Fd((int) number)) {
                return identity(program);
            }
        }
    }

    private static Identity identity(Fd program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(80, 8);
            Bpf.info("info of BPF program", program, info);
            StringBuilder tag = new StringBuilder();
            for (int i = 8; i < 16; i++) {
                int octet = info.get(JAVA_BYTE, i) & 0xff;
                tag.append(Character.forDigit(octet >>> 4, 16));
                tag.append(Character.forDigit(octet & 15, 16));
            }
            return new Identity(
                    info.get(JAVA_INT, 4),
                    info.get(JAVA_INT, 0),
                    Bpf.name(info, 64),
                    tag.toString());
        }
    }

    /// Closes our handle; where the program is attached it stays.
    @Override
    public void close() {
        fd.close();
    }
}
