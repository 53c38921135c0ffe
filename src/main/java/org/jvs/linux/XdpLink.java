package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The attachment of an XDP program to an interface. It lasts as long as its descriptor: when this
/// is closed, or the process ends however it may, nothing stays attached.
public final class XdpLink implements AutoCloseable {
    /// Where the program runs.
    public enum Mode {
        /// In the driver, before a socket buffer exists.
        NATIVE(1 << 2),
        /// After the driver, on socket buffers: any interface, slower.
        GENERIC(1 << 1);

        private final int flag;

        Mode(int flag) {
            this.flag = flag;
        }
    }

    private static final int ATTACH_XDP = 37;

    private final int interfaceIndex;
    private final Mode mode;
    private final Fd fd;

    private XdpLink(int interfaceIndex, Mode mode, Fd fd) {
        this.interfaceIndex = interfaceIndex;
        this.mode = mode;
        this.fd = fd;
    }

    /// Attaches a program to an interface of the calling thread's namespace.
    ///
    /// @throws LinuxException EBUSY if another program is attached; EOPNOTSUPP if the driver has no
    ///   native mode; EINVAL or ERANGE if its MTU is too large for it
    public static XdpLink attach(BpfProgram program, int interfaceIndex, Mode mode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attributes(arena);
            attr.set(JAVA_INT, 0, program.fd().value());
            attr.set(JAVA_INT, 4, interfaceIndex);
            attr.set(JAVA_INT, 8, ATTACH_XDP);
            attr.set(JAVA_INT, 12, mode.flag);
            String what =
                    "attach XDP program "
                            + program.name()
                            + " to link "
                            + interfaceIndex
                            + " "
                            + mode;
            long result = Bpf.call(Bpf.LINK_CREATE, attr, 64);
            if (result == -Errno.EBUSY) {
                throw new LinuxException(
                        what,
                        Errno.EBUSY,
                        "another XDP program is attached: see `ip -d link`, and stop its owner");
            }
            return new XdpLink(interfaceIndex, mode, new Fd((int) Syscalls.check(what, result)));
        }
    }

    /// Attaches in native mode, or in generic mode where the driver refuses native.
    public static XdpLink attachBest(BpfProgram program, int interfaceIndex) {
        try {
            return attach(program, interfaceIndex, Mode.NATIVE);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EPERM || e.errno() == Errno.EBUSY || e.errno() == Errno.ENODEV) {
                throw e;
            }
            return attach(program, interfaceIndex, Mode.GENERIC);
        }
    }

    public int interfaceIndex() {
        return interfaceIndex;
    }

    public Mode mode() {
        return mode;
    }

    /// Puts another program in this one's place; no packet sees neither or both.
    public void update(BpfProgram program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attributes(arena);
            attr.set(JAVA_INT, 0, fd.value());
            attr.set(JAVA_INT, 4, program.fd().value());
            Syscalls.check(
                    "update XDP link to " + program.name(), Bpf.call(Bpf.LINK_UPDATE, attr, 16));
        }
    }

    /// Whether the interface still exists; when it goes, the kernel detaches.
    public boolean isAttached() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(32, 8); // type, id, program id, pad, interface
            Bpf.info("info of XDP link", fd, info);
            return info.get(JAVA_INT, 16) != 0;
        }
    }

    /// Detaches.
    @Override
    public void close() {
        fd.close();
    }
}
