package org.jvs.datapath;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jvs.core.engine.DirectorOptions;
import org.jvs.core.table.Counters;
import org.jvs.core.table.TableMemory;
import org.jvs.datapath.program.Maps;
import org.jvs.ebpf.MapRef;
import org.jvs.linux.BpfMap;
import org.jvs.linux.Errno;
import org.jvs.linux.LinuxException;

/// A director's tables as BPF maps: each is an array of one element that is mapped into this
/// process, so that programs in the kernel and the Java engine work on the same memory.
///
/// ```
/// try (SharedTables tables = new SharedTables()) {
///     Director director = new Director(SharedTables.withLanes(options), host, tables);
///     Loader.loadXdp(program, tables.maps().toArray(BpfMap[]::new));
/// }
/// ```
///
/// The kernel gives all pages at once, zeroed, of 4 KiB each: there are no huge ones in such maps.
public final class SharedTables implements TableMemory, AutoCloseable {
    /// Programs address less than this within a map (the verifier's BPF_MAX_VAR_OFF).
    static final long MAX_BYTES = 1L << 29;

    private static final int COUNTER_LINE = Counters.LINE_BYTES;

    private final Map<String, BpfMap> maps = new LinkedHashMap<>();

    /// The name of a part's map.
    public static String name(Part part) {
        return switch (part) {
            case DESTINATIONS -> Maps.DESTINATIONS.name();
            case COUNTERS -> Maps.COUNTERS.name();
            case CONNECTIONS_IPV4 -> Maps.IPV4.name();
            case CONNECTIONS_IPV6 -> Maps.IPV6.name();
        };
    }

    private static String spoken(Part part) {
        return switch (part) {
            case DESTINATIONS -> "destinations";
            case COUNTERS -> "counters";
            case CONNECTIONS_IPV4 -> "IPv4 connections";
            case CONNECTIONS_IPV6 -> "IPv6 connections";
        };
    }

    /// Options with a lane for this process (lane 0) and one for each CPU that there may ever be:
    /// CPU n counts in lane n + 1. Where counters for so many would not fit into a map there are
    /// fewer; the CPUs from the last lane on share it then and have to add atomically.
    public static DirectorOptions withLanes(DirectorOptions options) {
        return withLanes(options, BpfMap.possibleCpus());
    }

    static DirectorOptions withLanes(DirectorOptions options, int cpus) {
        long room = (MAX_BYTES - 1) / ((long) options.counterLines() * COUNTER_LINE);
        return options.withLanes((int) Math.max(2, Math.min(1L + cpus, room)));
    }

    @Override
    public SegmentAllocator of(Part part) {
        return (bytes, _) -> allocate(spoken(part), name(part), bytes);
    }

    /// Memory for something else that programs and this process share.
    ///
    /// @param spoken what it is, for people
    /// @throws TableMemoryException if the kernel has no room for it
    public MemorySegment block(String spoken, MapRef map, long bytes) {
        return allocate(spoken, map.name(), bytes);
    }

    private synchronized MemorySegment allocate(String spoken, String name, long bytes) {
        if (maps.containsKey(name)) {
            throw new IllegalStateException(name + " has its memory");
        }
        if (bytes >= MAX_BYTES) {
            throw new TableMemoryException(
                    spoken, bytes, "a BPF map has less than " + (MAX_BYTES >> 20) + " MiB");
        }
        try {
            BpfMap map = BpfMap.sharedMemory(name, (int) bytes);
            maps.put(name, map);
            return map.map().asSlice(0, bytes);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOMEM || e.errno() == Errno.E2BIG) {
                throw new TableMemoryException(spoken, bytes, String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    /// The map of a part that was allocated.
    public BpfMap map(Part part) {
        return map(name(part));
    }

    /// A map that was allocated, by its name.
    public synchronized BpfMap map(String name) {
        BpfMap map = maps.get(name);
        if (map == null) {
            throw new IllegalStateException(name + " has no memory yet");
        }
        return map;
    }

    /// All of them, for a loader that finds them by name.
    public synchronized List<BpfMap> maps() {
        return List.copyOf(maps.values());
    }

    /// Takes the memory out of this process; nothing may use the tables any more. Programs keep
    /// their maps.
    @Override
    public synchronized void close() {
        maps.values().forEach(BpfMap::close);
        maps.clear();
    }
}
