package org.jvs.core.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;

/**
 * The services by protocol, address and port, and by mark. One thread adds and removes; packets
 * look up without a lock and without allocating. Open addressing with linear steps: adding writes
 * one free cell, growing and removing publish a new array.
 */
final class ServiceTable {
    private static final int FTP_CONTROL = 21;
    private static final int FTP_DATA = 20;
    private static final int FIRST_UNPRIVILEGED_PORT = 1024;

    private volatile AtomicReferenceArray<@Nullable Service> cells = new AtomicReferenceArray<>(64);
    private volatile int size;
    private volatile int ftpServices;
    private volatile int portZeroServices;

    int size() {
        return size;
    }

    /**
     * The service a packet asks for, in the kernel's order: mark, exact address and port, an FTP
     * service for what may be its data connections, port 0 (ip_vs_service_find).
     */
    @Nullable Service find(boolean ipv6, int mark, int protocol, long hi, long lo, int port) {
        if (mark != 0) {
            Service byMark = lookUp(ipv6, Protocol.IP, 0, 0, 0, mark);
            if (byMark != null) {
                return byMark;
            }
        }
        Service found = lookUp(ipv6, protocol, hi, lo, port, 0);
        if (found == null
                && protocol == Protocol.TCP
                && ftpServices > 0
                && (port == FTP_DATA || port >= FIRST_UNPRIVILEGED_PORT)) {
            found = lookUp(ipv6, protocol, hi, lo, FTP_CONTROL, 0);
        }
        if (found == null && portZeroServices > 0) {
            found = lookUp(ipv6, protocol, hi, lo, 0, 0);
        }
        return found;
    }

    /** The service of exactly this name. */
    @Nullable Service get(ServiceKey key) {
        return lookUp(
                key.family() == Family.IPV6,
                key.isMark() ? Protocol.IP : key.protocol(),
                key.address().hi(),
                key.address().lo(),
                key.port(),
                key.mark());
    }

    private @Nullable Service lookUp(
            boolean ipv6, int protocol, long hi, long lo, int port, int mark) {
        AtomicReferenceArray<@Nullable Service> now = cells;
        int mask = now.length() - 1;
        for (int cell = hash(ipv6, protocol, hi, lo, port, mark) & mask; ; cell = cell + 1 & mask) {
            Service service = now.getAcquire(cell);
            if (service == null) {
                return null;
            }
            ServiceKey key = service.key;
            if (key.port() == port
                    && key.address().lo() == lo
                    && key.address().hi() == hi
                    && key.mark() == mark
                    && (key.isMark() || key.protocol() == protocol)
                    && (key.family() == Family.IPV6) == ipv6) {
                return service;
            }
        }
    }

    private static int hash(boolean ipv6, int protocol, long hi, long lo, int port, int mark) {
        long x = lo * 0x9e3779b97f4a7c15L + hi;
        x = (x ^ x >>> 29) + ((long) protocol << 40) + ((long) port << 16) + mark + (ipv6 ? 1 : 0);
        x *= 0xd6e8feb86659fd93L;
        return (int) (x >>> 32);
    }

    private static int hash(ServiceKey key) {
        return hash(
                key.family() == Family.IPV6,
                key.isMark() ? Protocol.IP : key.protocol(),
                key.address().hi(),
                key.address().lo(),
                key.port(),
                key.mark());
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes, readers see either value
    void add(Service service) {
        if ((size + 1) * 2 > cells.length()) {
            cells = filled(all(), cells.length() * 2);
        }
        put(cells, service);
        size++;
        count(service.key, 1);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes, readers see either value
    void remove(Service service) {
        Collection<Service> left = all();
        left.remove(service);
        cells = filled(left, cells.length());
        size--;
        count(service.key, -1);
    }

    void clear() {
        cells = new AtomicReferenceArray<>(64);
        size = 0;
        ftpServices = 0;
        portZeroServices = 0;
    }

    // only the configuration thread writes these, readers see either value
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void count(ServiceKey key, int amount) {
        if (key.isMark()) {
            return;
        }
        if (key.port() == FTP_CONTROL) {
            ftpServices += amount;
        }
        if (key.port() == 0) {
            portZeroServices += amount;
        }
    }

    private static AtomicReferenceArray<@Nullable Service> filled(
            Collection<Service> services, int length) {
        AtomicReferenceArray<@Nullable Service> made = new AtomicReferenceArray<>(length);
        for (Service service : services) {
            put(made, service);
        }
        return made;
    }

    private static void put(AtomicReferenceArray<@Nullable Service> into, Service service) {
        int mask = into.length() - 1;
        int cell = hash(service.key) & mask;
        while (into.getPlain(cell) != null) {
            cell = cell + 1 & mask;
        }
        into.setRelease(cell, service);
    }

    /** All services, in no particular order. */
    List<Service> all() {
        AtomicReferenceArray<@Nullable Service> now = cells;
        List<Service> all = new ArrayList<>();
        for (int cell = 0; cell < now.length(); cell++) {
            Service service = now.getAcquire(cell);
            if (service != null) {
                all.add(service);
            }
        }
        return all;
    }
}
