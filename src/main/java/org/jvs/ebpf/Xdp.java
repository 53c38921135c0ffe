package org.jvs.ebpf;

/// What an XDP program returns, and the offsets in the context it gets in R1 (`struct xdp_md` of
/// `linux/bpf.h`; all fields are 32 bits wide).
public final class Xdp {
    /// Something went wrong: dropped, and seen by the xdp_exception tracepoint.
    public static final int ABORTED = 0;

    public static final int DROP = 1;

    /// On to the host's network stack.
    public static final int PASS = 2;

    /// Back out of the interface it came in by.
    public static final int TX = 3;

    /// To where a redirect helper said.
    public static final int REDIRECT = 4;

    /// Context: address of the packet's first byte.
    public static final int DATA = 0;

    /// Context: address after its last byte.
    public static final int DATA_END = 4;

    /// Context: address of the metadata before the packet.
    public static final int DATA_META = 8;

    public static final int INGRESS_IFINDEX = 12;
    public static final int RX_QUEUE_INDEX = 16;

    private Xdp() {}
}
