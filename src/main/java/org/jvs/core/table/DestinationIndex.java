package org.jvs.core.table;

import org.jvs.core.sched.DestinationList;

/**
 * The destinations of one service, by their lines in {@link Destinations}; immutable but for what
 * those lines hold.
 */
public final class DestinationIndex implements DestinationList {
    private final Destinations destinations;
    private final int[] lines;

    /**
     * @param lines indices into {@code destinations}, newest first; not copied
     */
    public DestinationIndex(Destinations destinations, int... lines) {
        this.destinations = destinations;
        this.lines = lines;
    }

    @Override
    public int size() {
        return lines.length;
    }

    @Override
    public int id(int index) {
        return lines[index];
    }

    @Override
    public int weight(int index) {
        return destinations.weight(lines[index]);
    }

    @Override
    public int lastWeight(int index) {
        return destinations.lastWeight(lines[index]);
    }

    @Override
    public int active(int index) {
        return destinations.active(lines[index]);
    }

    @Override
    public int inactive(int index) {
        return destinations.inactive(lines[index]);
    }

    @Override
    public boolean overloaded(int index) {
        return destinations.isOverloaded(lines[index]);
    }

    @Override
    public int openWeight(int index) {
        return destinations.openWeight(lines[index]);
    }

    @Override
    public long connections(int index) {
        return destinations.connections(lines[index]);
    }

    @Override
    public boolean isIpv6(int index) {
        return destinations.isIpv6(lines[index]);
    }

    @Override
    public long addressHi(int index) {
        return destinations.addressHi(lines[index]);
    }

    @Override
    public long addressLo(int index) {
        return destinations.addressLo(lines[index]);
    }

    @Override
    public int port(int index) {
        return destinations.port(lines[index]);
    }
}
