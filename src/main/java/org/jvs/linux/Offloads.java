package org.jvs.linux;

/// What an interface does on its own with checksums and packet sizes. For a director that works on
/// packets as they are on the wire, [#tso], [#gro] and [#lro] mean merged frames and [#txChecksum]
/// on the other end of a veth means partial checksums.
///
/// @param rxChecksum verifies checksums of received packets
/// @param txChecksum fills in checksums of sent packets; on a veth: leaves them undone
/// @param scatterGather sends from several buffers
/// @param tso cuts large TCP segments itself
/// @param gso lets the kernel cut large packets just before the driver
/// @param gro merges received packets in the kernel
/// @param lro merges received packets in the device
public record Offloads(
        boolean rxChecksum,
        boolean txChecksum,
        boolean scatterGather,
        boolean tso,
        boolean gso,
        boolean gro,
        boolean lro) {
    /// With everything off that keeps packets from being as they are on the wire.
    public Offloads plain() {
        return new Offloads(rxChecksum, false, false, false, false, false, false);
    }

    public Offloads withTxChecksum(boolean on) {
        return new Offloads(rxChecksum, on, scatterGather, tso, gso, gro, lro);
    }

    public Offloads withGro(boolean on) {
        return new Offloads(rxChecksum, txChecksum, scatterGather, tso, gso, on, lro);
    }
}
