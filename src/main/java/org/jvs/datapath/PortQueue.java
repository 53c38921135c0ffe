package org.jvs.datapath;

import org.jvs.linux.ConsumerRing;
import org.jvs.linux.ProducerRing;
import org.jvs.linux.XdpSocket;

/// One AF_XDP socket as the packet thread uses it: batches what it sends, and keeps the fill ring
/// full and the completion ring empty.
final class PortQueue {
    private static final int BATCH = 64;

    final int number;
    final Port port;
    final XdpSocket socket;

    private final Frames frames;
    private final ProducerRing tx;
    private final ProducerRing fill;
    private final ConsumerRing completion;
    private int queued;
    private int wanted;

    /// @param number unique among the packet thread's queues
    PortQueue(int number, Port port, XdpSocket socket, Frames frames) {
        this.number = number;
        this.port = port;
        this.socket = socket;
        this.frames = frames;
        tx = socket.tx();
        fill = socket.fill();
        completion = socket.completion();
        wanted = fill.size();
    }

    /// Sends a frame in hand with the next [#flush].
    ///
    /// @return false if there is no room; the frame stays in hand
    boolean send(long address, int length) {
        if (tx.reserve(queued + 1) <= queued) {
            flush();
            reclaim();
            if (tx.reserve(1) < 1) {
                return false;
            }
        }
        frames.hold(address, number);
        tx.put(queued++, address, length);
        if (queued == BATCH) {
            flush();
        }
        return true;
    }

    /// Has the kernel send what is queued, and what it would not take before.
    ///
    /// @return false if it still holds back some
    boolean flush() {
        if (queued > 0) {
            tx.submit(queued);
            queued = 0;
        } else if (tx.pending() == 0) {
            return true;
        }
        return socket.flush() == 0 || tx.pending() == 0;
    }

    /// Frees frames that were sent.
    void reclaim() {
        int count = completion.available(BATCH);
        while (count > 0) {
            for (int i = 0; i < count; i++) {
                frames.release(completion.address(i));
            }
            completion.release(count);
            count = completion.available(BATCH);
        }
    }

    /// Notes that frames came out of the receive ring: as many have to go into the fill ring.
    void received(int count) {
        wanted += count;
    }

    /// Gives the kernel frames to receive into.
    void refill() {
        int room = fill.reserve(Math.min(wanted, frames.free()));
        for (int i = 0; i < room; i++) {
            long frame = frames.take();
            frames.hold(frame, number);
            fill.put(i, frame);
        }
        if (room > 0) {
            fill.submit(room);
            wanted -= room;
            if (fill.needsWakeup()) {
                socket.wakeReceiver();
            }
        }
    }
}
