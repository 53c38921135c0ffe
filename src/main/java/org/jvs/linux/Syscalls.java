package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The one door to the kernel: `syscall(2)` of the C library, bound once. Calls return the result,
/// or the negative errno, as the kernel itself does. A call allocates nothing once its thread has
/// made one.
@SuppressWarnings("restricted")
final class Syscalls {
    private static final StructLayout CAPTURE_LAYOUT = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURE_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = bind();
    private static final ThreadLocal<MemorySegment> CAPTURE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE_LAYOUT));

    private Syscalls() {}

    private static MethodHandle bind() {
        Linker linker = Linker.nativeLinker();
        MemorySegment symbol = linker.defaultLookup().findOrThrow("syscall");
        return linker.downcallHandle(
                symbol,
                FunctionDescriptor.of(
                        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                        JAVA_LONG),
                Linker.Option.captureCallState("errno"));
    }

    /// Makes the call: the result, or minus the errno.
    static long call(int nr, long a, long b, long c, long d, long e, long f) {
        MemorySegment capture = CAPTURE.get();
        try {
            long result = (long) SYSCALL.invokeExact(capture, (long) nr, a, b, c, d, e, f);
            return result == -1 ? -(long) (int) ERRNO.get(capture, 0L) : result;
        } catch (Throwable t) {
            throw new AssertionError("a bound system call cannot throw", t);
        }
    }

    static long call(int nr, long a, long b, long c) {
        return call(nr, a, b, c, 0, 0, 0);
    }

    static long call(int nr, long a) {
        return call(nr, a, 0, 0, 0, 0, 0);
    }

    /// Passes a result on, or throws what its errno means.
    static long check(String what, long result) {
        if (result < 0) {
            throw new LinuxException(what, (int) -result);
        }
        return result;
    }

    // The calls that several classes share. What only one class needs it calls itself.

    static Fd socket(String what, int domain, int type, int protocol) {
        int cloexec = 0x80000;
        return new Fd((int) check(what, call(Nr.SOCKET, domain, type | cloexec, protocol)));
    }

    static Fd open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            int atCwd = -100;
            int cloexec = 0x80000;
            long address = arena.allocateFrom(path).address();
            return new Fd(
                    (int)
                            check(
                                    "open " + path,
                                    call(Nr.OPENAT, atCwd, address, flags | cloexec, 0, 0, 0)));
        }
    }

    static void bind(String what, Fd fd, MemorySegment sockaddr) {
        check(what, call(Nr.BIND, fd.value(), sockaddr.address(), sockaddr.byteSize()));
    }

    static void setOption(String what, Fd fd, int level, int option, MemorySegment value) {
        check(
                what,
                call(
                        Nr.SETSOCKOPT,
                        fd.value(),
                        level,
                        option,
                        value.address(),
                        value.byteSize(),
                        0));
    }

    static void setOption(String what, Fd fd, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            setOption(what, fd, level, option, arena.allocateFrom(JAVA_INT, value));
        }
    }

    /// Reads a socket option: how many bytes the kernel wrote into `value`.
    static int getOption(String what, Fd fd, int level, int option, MemorySegment value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
            check(
                    what,
                    call(
                            Nr.GETSOCKOPT,
                            fd.value(),
                            level,
                            option,
                            value.address(),
                            length.address(),
                            0));
            return length.get(JAVA_INT, 0);
        }
    }

    static void setNonBlocking(Fd fd) {
        int getFlags = 3;
        int setFlags = 4;
        int nonBlock = 0x800;
        long flags = check("fcntl(F_GETFL)", call(Nr.FCNTL, fd.value(), getFlags, 0));
        check("fcntl(F_SETFL)", call(Nr.FCNTL, fd.value(), setFlags, flags | nonBlock));
    }
}
