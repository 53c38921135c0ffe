package org.jvs.linux;

/// Error numbers of Linux as x86_64 and aarch64 share them (`asm-generic/errno-base.h` and
/// `errno.h`), with the name that manuals use and, where one cause is by far the likeliest, what to
/// do next.
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int E2BIG = 7;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int EMFILE = 24;
    public static final int ENOSPC = 28;
    public static final int ERANGE = 34;
    public static final int ENOSYS = 38;
    public static final int EMSGSIZE = 90;
    public static final int EPROTONOSUPPORT = 93;
    public static final int EOPNOTSUPP = 95;
    public static final int EAFNOSUPPORT = 97;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETDOWN = 100;
    public static final int ENETUNREACH = 101;
    public static final int ENOBUFS = 105;
    public static final int ETIMEDOUT = 110;
    public static final int ECONNREFUSED = 111;
    public static final int EHOSTUNREACH = 113;
    public static final int EINPROGRESS = 115;

    private Errno() {}

    /// The symbolic name, or `errno N` for a number this table does not know.
    public static String name(int errno) {
        return switch (errno) {
            case EPERM -> "EPERM";
            case ENOENT -> "ENOENT";
            case 3 -> "ESRCH";
            case EINTR -> "EINTR";
            case EIO -> "EIO";
            case 6 -> "ENXIO";
            case E2BIG -> "E2BIG";
            case EBADF -> "EBADF";
            case EAGAIN -> "EAGAIN";
            case ENOMEM -> "ENOMEM";
            case EACCES -> "EACCES";
            case 14 -> "EFAULT";
            case EBUSY -> "EBUSY";
            case EEXIST -> "EEXIST";
            case 18 -> "EXDEV";
            case ENODEV -> "ENODEV";
            case 20 -> "ENOTDIR";
            case 21 -> "EISDIR";
            case EINVAL -> "EINVAL";
            case 23 -> "ENFILE";
            case EMFILE -> "EMFILE";
            case 27 -> "EFBIG";
            case ENOSPC -> "ENOSPC";
            case 30 -> "EROFS";
            case 32 -> "EPIPE";
            case ERANGE -> "ERANGE";
            case 36 -> "ENAMETOOLONG";
            case ENOSYS -> "ENOSYS";
            case 39 -> "ENOTEMPTY";
            case 61 -> "ENODATA";
            case 71 -> "EPROTO";
            case 75 -> "EOVERFLOW";
            case 88 -> "ENOTSOCK";
            case 89 -> "EDESTADDRREQ";
            case EMSGSIZE -> "EMSGSIZE";
            case 92 -> "ENOPROTOOPT";
            case EPROTONOSUPPORT -> "EPROTONOSUPPORT";
            case EOPNOTSUPP -> "EOPNOTSUPP";
            case EAFNOSUPPORT -> "EAFNOSUPPORT";
            case EADDRINUSE -> "EADDRINUSE";
            case EADDRNOTAVAIL -> "EADDRNOTAVAIL";
            case ENETDOWN -> "ENETDOWN";
            case ENETUNREACH -> "ENETUNREACH";
            case 103 -> "ECONNABORTED";
            case 104 -> "ECONNRESET";
            case ENOBUFS -> "ENOBUFS";
            case 106 -> "EISCONN";
            case 107 -> "ENOTCONN";
            case ETIMEDOUT -> "ETIMEDOUT";
            case ECONNREFUSED -> "ECONNREFUSED";
            case 112 -> "EHOSTDOWN";
            case EHOSTUNREACH -> "EHOSTUNREACH";
            case 114 -> "EALREADY";
            case EINPROGRESS -> "EINPROGRESS";
            case 524 -> "ENOTSUPP";
            default -> "errno " + errno;
        };
    }

    /// What to do about it, or an empty string where the number alone does not tell.
    static String hint(int errno) {
        return switch (errno) {
            case EPERM, EACCES ->
                    "run as root (CAP_NET_ADMIN, CAP_BPF and CAP_SYS_ADMIN are needed)";
            case ENOSYS -> "this kernel was built without the call; Linux 5.15 or later is needed";
            case EMFILE -> "too many open files: raise the limit (ulimit -n)";
            case ENODEV -> "there is no such interface in this network namespace";
            case EAFNOSUPPORT -> "this kernel was built without the address family";
            case ENOMEM ->
                    "out of memory, or out of the locked-memory allowance (ulimit -l) when not root";
            default -> "";
        };
    }
}
