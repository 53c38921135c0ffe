package org.jvs.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// Network namespaces of one test, removed together; the names differ between runs side by side.
final class TestNamespaces implements AutoCloseable {
    private final List<NetworkNamespace> made = new ArrayList<>();

    NetworkNamespace create() {
        long number = ThreadLocalRandom.current().nextLong(1L << 40);
        NetworkNamespace namespace = NetworkNamespace.create("jvst" + Long.toString(number, 36));
        made.add(namespace);
        return namespace;
    }

    @Override
    public void close() {
        made.forEach(NetworkNamespace::delete);
        made.clear();
    }
}
