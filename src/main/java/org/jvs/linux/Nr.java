package org.jvs.linux;

/// System call numbers. x86_64 has a table of its own; aarch64 uses the generic one. Only calls
/// that exist on both are used (openat, ppoll), so that nothing above needs to know the machine.
final class Nr {
    private static final boolean X86 = isX86(System.getProperty("os.arch", ""));

    static final int READ = pick(0, 63);
    static final int WRITE = pick(1, 64);
    static final int CLOSE = pick(3, 57);
    static final int MMAP = pick(9, 222);
    static final int MUNMAP = pick(11, 215);
    static final int IOCTL = pick(16, 29);
    static final int MADVISE = pick(28, 233);
    static final int SOCKET = pick(41, 198);
    static final int CONNECT = pick(42, 203);
    static final int SENDTO = pick(44, 206);
    static final int SENDMSG = pick(46, 211);
    static final int RECVFROM = pick(45, 207);
    static final int BIND = pick(49, 200);
    static final int GETSOCKNAME = pick(51, 204);
    static final int SETSOCKOPT = pick(54, 208);
    static final int GETSOCKOPT = pick(55, 209);
    static final int FCNTL = pick(72, 25);
    static final int FLOCK = pick(73, 32);
    static final int GETEUID = pick(107, 175);
    static final int SCHED_SETSCHEDULER = pick(144, 119);
    static final int MOUNT = pick(165, 40);
    static final int UMOUNT2 = pick(166, 39);
    static final int SCHED_SETAFFINITY = pick(203, 122);
    static final int OPENAT = pick(257, 56);
    static final int PPOLL = pick(271, 73);
    static final int UNSHARE = pick(272, 97);
    static final int EVENTFD2 = pick(290, 19);
    static final int RECVMMSG = pick(299, 243);
    static final int SENDMMSG = pick(307, 269);
    static final int SETNS = pick(308, 268);
    static final int BPF = pick(321, 280);

    private Nr() {}

    private static int pick(int x86, int generic) {
        return X86 ? x86 : generic;
    }

    private static boolean isX86(String arch) {
        return switch (arch) {
            case "amd64", "x86_64" -> true;
            case "aarch64" -> false;
            default ->
                    throw new UnsupportedOperationException(
                            "JVS knows the system calls of amd64 and aarch64, not of " + arch);
        };
    }
}
