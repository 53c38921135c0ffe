package org.jvs.linux;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// The packet memory of AF_XDP: frames of equal size that several sockets share, so that a frame
/// received on one interface is sent on another without a copy of ours.
///
/// A frame is named by its address, which is its offset in [#memory()]. Whoever holds an address
/// owns the frame: the fill ring gives it to the kernel, the receive ring gives it back with a
/// packet, the transmit ring gives it away and the completion ring returns it. Which frame is where
/// is the user's account to keep.
public final class Umem implements AutoCloseable {
    private final Mapping mapping;
    private final int frameCount;
    private final int frameBytes;
    private final List<XdpSocket> bound = new ArrayList<>();

    private Umem(Mapping mapping, int frameCount, int frameBytes) {
        this.mapping = mapping;
        this.frameCount = frameCount;
        this.frameBytes = frameBytes;
    }

    /// Takes memory for frames; sockets register it with the kernel.
    ///
    /// @param frameBytes 2048 or 4096; a packet has 256 bytes less (the headroom XDP keeps)
    public static Umem allocate(int frameCount, int frameBytes) {
        if (frameBytes != 2048 && frameBytes != 4096) {
            throw new IllegalArgumentException(
                    "AF_XDP frames have 2048 or 4096 bytes, not " + frameBytes);
        }
        if (frameCount < 1) {
            throw new IllegalArgumentException(frameCount + " frames: at least 1 is needed");
        }
        long bytes = (long) frameCount * frameBytes;
        return new Umem(Mapping.anonymous("mmap umem", bytes), frameCount, frameBytes);
    }

    /// All frames, one after the other. Access after [#close()] throws.
    public MemorySegment memory() {
        return mapping.segment();
    }

    public int frameCount() {
        return frameCount;
    }

    public int frameBytes() {
        return frameBytes;
    }

    /// The address of the first byte of the frame with that number.
    public long frame(int number) {
        return (long) number * frameBytes;
    }

    /// The first byte of the frame that an address lies in: a received packet begins behind the
    /// headroom.
    public long frameStart(long address) {
        return address & -frameBytes;
    }

    /// Sockets whose registration a further one can share.
    List<XdpSocket> bound() {
        return bound;
    }

    /// Frees the memory. Close the sockets first; the kernel keeps its own hold until they are.
    @Override
    public void close() {
        mapping.close();
    }
}
