package org.jvs.core.sched;

/** No destinations: what tables are built for before the first list is known. */
enum EmptyList implements DestinationList {
    INSTANCE;

    @Override
    public int size() {
        return 0;
    }

    @Override
    public int id(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int weight(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int lastWeight(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int active(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int inactive(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public boolean overloaded(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public boolean isIpv6(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public long addressHi(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public long addressLo(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int port(int index) {
        throw new IndexOutOfBoundsException(index);
    }
}
