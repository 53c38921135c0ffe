package org.jvs.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jvs.core.wire.Packet;

/**
 * Memory for one packet as a ring would give it, between guards: all that is not the packet is
 * filled with 0xa5, so that a byte left over from before, or one written outside, shows.
 */
public final class Frame {
    /** Room behind the packet that may be written. */
    public static final int TAILROOM = 64;

    private static final int GUARD = 64;
    private static final byte FILLER = (byte) 0xa5;

    private final MemorySegment memory;
    private final long start = GUARD + Packet.HEADROOM;
    private int room;

    /** A frame for packets up to a length. */
    public Frame(Arena arena, int maxLength) {
        memory = arena.allocate(start + maxLength + TAILROOM + GUARD);
    }

    /** Puts a packet in, refills the rest, and points {@code packet} at it. */
    public void load(byte[] bytes, Packet packet) {
        memory.fill(FILLER);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, start, bytes.length);
        room = bytes.length + TAILROOM;
        packet.wrap(memory, start, bytes.length, Packet.HEADROOM, room);
    }

    /** Fails if a byte outside the packet's room was written. */
    public void checkGuards() {
        assertThat(isIntact()).as("bytes outside the packet's room").isTrue();
    }

    /** Whether no byte outside the packet's room was written. */
    public boolean isIntact() {
        for (long i = 0; i < GUARD; i++) {
            if (memory.get(ValueLayout.JAVA_BYTE, i) != FILLER) {
                return false;
            }
        }
        for (long i = start + room; i < memory.byteSize(); i++) {
            if (memory.get(ValueLayout.JAVA_BYTE, i) != FILLER) {
                return false;
            }
        }
        return true;
    }
}
