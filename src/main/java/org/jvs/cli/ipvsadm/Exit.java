package org.jvs.cli.ipvsadm;

/** Ends the program at once, after its message has been written. */
final class Exit extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** As a shell sees it, 0..255. */
    final int status;

    Exit(int status) {
        super(null, null, false, false);
        this.status = status & 0xff;
    }
}
