package org.jvs.core.admin;

/** What became of a command: done, or the kernel's errno with which IPVS would have refused it. */
public enum Outcome {
    OK(0),
    /** EEXIST: the service or destination is there already, or the daemon runs. */
    EXISTS(17),
    /** ENOENT: no such destination, scheduler or persistence engine. */
    NOT_FOUND(2),
    /** ESRCH: no such service, or no such daemon runs. */
    NO_SERVICE(3),
    /** EINVAL: a value that cannot be. */
    INVALID(22),
    /** ERANGE: weight below 0, thresholds out of order. */
    RANGE(34),
    /** ENOMEM: a table of the director is full. */
    NO_MEMORY(12),
    /** ENODEV: no such interface for a sync daemon. */
    NO_DEVICE(19),
    /** EPERM. */
    NOT_PERMITTED(1),
    /** EADDRNOTAVAIL and the like: an address that is neither local nor unicast. */
    BAD_ADDRESS(99);

    private final int errno;

    Outcome(int errno) {
        this.errno = errno;
    }

    /** The kernel's error number, 0 for {@link #OK}. */
    public int errno() {
        return errno;
    }
}
