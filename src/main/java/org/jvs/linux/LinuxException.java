package org.jvs.linux;

/// A system call or netlink request that the kernel refused. The message names what was asked, the
/// errno, and what to do next where that is known.
public class LinuxException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int errno;

    /// @param what the call and what it was about, as in `socket(AF_XDP)`
    /// @param errno positive error number
    public LinuxException(String what, int errno) {
        this(what, errno, "");
    }

    /// @param detail the kernel's own words (netlink extended ack), or empty
    public LinuxException(String what, int errno, String detail) {
        super(message(what, errno, detail));
        this.errno = errno;
    }

    /// The positive error number; see [Errno] for names.
    public int errno() {
        return errno;
    }

    private static String message(String what, int errno, String detail) {
        String text = what + ": " + Errno.name(errno);
        if (!detail.isEmpty()) {
            return text + ": " + detail;
        }
        String hint = Errno.hint(errno);
        return hint.isEmpty() ? text : text + ": " + hint;
    }
}
