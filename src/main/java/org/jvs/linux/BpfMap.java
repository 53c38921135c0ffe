package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A BPF map: a table that programs in the kernel and this process share. Calls take native
/// segments and allocate nothing; they are safe from several threads, one at a time per map.
public final class BpfMap implements AutoCloseable {
    /// What kind of table; the numbers are `BPF_MAP_TYPE_*`.
    public enum Type {
        HASH(1),
        ARRAY(2),
        PERCPU_HASH(5),
        PERCPU_ARRAY(6),
        LRU_HASH(9),
        LPM_TRIE(11),
        DEVMAP(14),
        CPUMAP(16),
        XSKMAP(17),
        DEVMAP_HASH(25);

        private final int number;

        Type(int number) {
            this.number = number;
        }

        boolean isPerCpu() {
            return this == PERCPU_HASH || this == PERCPU_ARRAY;
        }
    }

    /// Hash maps take memory as elements come, not all at once (required for LPM_TRIE).
    public static final int NO_PREALLOC = 1;

    /// An array that [#map()] can map.
    public static final int MMAPABLE = 1 << 10;

    /// Update flag: create or replace.
    public static final int ANY = 0;

    /// Update flag: create only.
    public static final int NO_EXIST = 1;

    /// Update flag: replace only.
    public static final int EXIST = 2;

    private static final long PAGE_BYTES = 4096;

    private final Type type;
    private final String name;
    private final int keyBytes;
    private final int valueBytes;
    private final int maxEntries;
    private final Fd fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment attributes = Bpf.attributes(arena);
    private final MemorySegment key;
    private final MemorySegment value;
    private @Nullable Mapping mapping;

    private BpfMap(Type type, String name, int keyBytes, int valueBytes, int maxEntries, Fd fd) {
        this.type = type;
        this.name = name;
        this.keyBytes = keyBytes;
        this.valueBytes = valueBytes;
        this.maxEntries = maxEntries;
        this.fd = fd;
        key = arena.allocate(Math.max(keyBytes, 8), 8);
        value = arena.allocate(Math.max(valueBytes, 8), 8);
    }

    /// Makes a map.
    ///
    /// @param name up to 15 ASCII letters, digits, `_` and `.`, for bpftool
    /// @param flags [#MMAPABLE], [#NO_PREALLOC] or 0
    public static BpfMap create(
            Type type, String name, int keyBytes, int valueBytes, int maxEntries, int flags) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment attr = Bpf.attributes(scratch);
            attr.set(JAVA_INT, 0, type.number);
            attr.set(JAVA_INT, 4, keyBytes);
            attr.set(JAVA_INT, 8, valueBytes);
            attr.set(JAVA_INT, 12, maxEntries);
            attr.set(JAVA_INT, 16, flags);
            Bpf.setName(attr, 28, name);
            String what = "create BPF map " + name + " (" + type + ", " + maxEntries + " entries)";
            long fd = Syscalls.check(what, Bpf.call(Bpf.MAP_CREATE, attr, 72));
            return new BpfMap(type, name, keyBytes, valueBytes, maxEntries, new Fd((int) fd));
        }
    }

    /// An array indexed by a 32-bit number.
    public static BpfMap array(String name, int valueBytes, int entries) {
        return create(Type.ARRAY, name, 4, valueBytes, entries, 0);
    }

    /// An array that this process reads and writes as memory; see [#map()].
    public static BpfMap mmapableArray(String name, int valueBytes, int entries) {
        return create(Type.ARRAY, name, 4, valueBytes, entries, MMAPABLE);
    }

    /// One block of memory that programs and this process share: a mappable array of a single
    /// element, which is the form that `Assembler.loadMapValue` can address (the kernel refuses
    /// more elements).
    ///
    /// @param bytes up to 2 GB
    public static BpfMap sharedMemory(String name, int bytes) {
        return mmapableArray(name, bytes, 1);
    }

    /// Receive queue to AF_XDP socket; set elements with [#put(int, int)].
    public static BpfMap xskMap(String name, int entries) {
        return create(Type.XSKMAP, name, 4, 4, entries, 0);
    }

    /// Slot to interface index, for bpf_redirect_map; set elements with [#put(int, int)].
    public static BpfMap devMap(String name, int entries) {
        return create(Type.DEVMAP, name, 4, 4, entries, 0);
    }

    public Fd fd() {
        return fd;
    }

    public String name() {
        return name;
    }

    public int maxEntries() {
        return maxEntries;
    }

    /// The bytes of one value as [#lookup] and [#update] move it: per-CPU maps have one for each
    /// possible CPU, each rounded up to eight bytes.
    public int transferBytes() {
        return type.isPerCpu() ? (valueBytes + 7 & ~7) * possibleCpus() : valueBytes;
    }

    /// Creates or replaces an element.
    ///
    /// @param flags [#ANY], [#NO_EXIST] or [#EXIST]
    /// @throws LinuxException E2BIG if the map is full, EEXIST or ENOENT as the flag demands
    public void update(MemorySegment elementKey, MemorySegment elementValue, int flags) {
        check(elementKey, keyBytes, "key");
        check(elementValue, transferBytes(), "value");
        Syscalls.check(
                "update BPF map " + name, element(Bpf.MAP_UPDATE, elementKey, elementValue, flags));
    }

    /// Copies an element's value out.
    ///
    /// @return false if there is no such element
    public boolean lookup(MemorySegment elementKey, MemorySegment into) {
        check(elementKey, keyBytes, "key");
        check(into, transferBytes(), "value");
        return found("look up BPF map ", element(Bpf.MAP_LOOKUP, elementKey, into, 0));
    }

    /// Removes an element.
    ///
    /// @return false if there was none
    public boolean delete(MemorySegment elementKey) {
        check(elementKey, keyBytes, "key");
        return found("delete from BPF map ", element(Bpf.MAP_DELETE, elementKey, null, 0));
    }

    /// The key after `elementKey`, in no particular order; the first one if that is null or gone.
    ///
    /// @return false if there is none
    public boolean nextKey(@Nullable MemorySegment elementKey, MemorySegment into) {
        check(into, keyBytes, "key");
        return found("walk BPF map ", element(Bpf.MAP_NEXT_KEY, elementKey, into, 0));
    }

    /// As [#update] where key and value are 32-bit numbers: XSKMAP (the socket's descriptor),
    /// DEVMAP (interface index), small arrays.
    public synchronized void put(int index, int number) {
        key.set(JAVA_INT, 0, index);
        value.set(JAVA_INT, 0, number);
        Syscalls.check("update BPF map " + name, element(Bpf.MAP_UPDATE, key, value, ANY));
    }

    /// As [#delete(MemorySegment)] where the key is a 32-bit number.
    public synchronized boolean delete(int index) {
        key.set(JAVA_INT, 0, index);
        return found("delete from BPF map ", element(Bpf.MAP_DELETE, key, null, 0));
    }

    /// Creates or replaces `count` elements in one call: keys and values lie side by side.
    ///
    /// @return how many were written before an error, which is `count` if all went well
    public synchronized int updateBatch(MemorySegment keys, MemorySegment values, int count) {
        check(keys, (long) keyBytes * count, "keys");
        check(values, (long) transferBytes() * count, "values");
        attributes.fill((byte) 0);
        attributes.set(JAVA_LONG, 16, keys.address());
        attributes.set(JAVA_LONG, 24, values.address());
        attributes.set(JAVA_INT, 32, count);
        attributes.set(JAVA_INT, 36, fd.value());
        long result = Bpf.call(Bpf.MAP_UPDATE_BATCH, attributes, 56);
        int done = attributes.get(JAVA_INT, 32);
        if (result < 0 && done == 0) {
            Syscalls.check("update BPF map " + name + " in a batch", result);
        }
        return done;
    }

    /// Copies up to `count` elements out, from the beginning.
    ///
    /// @return how many there were
    public synchronized int lookupBatch(MemorySegment keys, MemorySegment values, int count) {
        check(keys, (long) keyBytes * count, "keys");
        check(values, (long) transferBytes() * count, "values");
        attributes.fill((byte) 0);
        attributes.set(JAVA_LONG, 8, key.address()); // where the next batch would begin
        attributes.set(JAVA_LONG, 16, keys.address());
        attributes.set(JAVA_LONG, 24, values.address());
        attributes.set(JAVA_INT, 32, count);
        attributes.set(JAVA_INT, 36, fd.value());
        long result = Bpf.call(Bpf.MAP_LOOKUP_BATCH, attributes, 56);
        // ENOENT is how the kernel says that the end was reached.
        if (result < 0 && result != -Errno.ENOENT) {
            Syscalls.check("read BPF map " + name + " in a batch", result);
        }
        return attributes.get(JAVA_INT, 32);
    }

    /// The values of an [#MMAPABLE] array as memory, each rounded up to eight bytes, index 0 first.
    /// A store is seen by programs at once. The segment ends with [#close()].
    public synchronized MemorySegment map() {
        Mapping present = mapping;
        if (present == null) {
            long bytes = (valueBytes + 7L & ~7L) * maxEntries;
            long pages = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
            present = Mapping.ofFile("mmap BPF map " + name, fd, pages * PAGE_BYTES, 0);
            mapping = present;
        }
        return present.segment();
    }

    private synchronized long element(
            int command, @Nullable MemorySegment k, @Nullable MemorySegment v, int flags) {
        attributes.set(JAVA_LONG, 0, fd.value());
        attributes.set(JAVA_LONG, 8, k == null ? 0 : k.address());
        attributes.set(JAVA_LONG, 16, v == null ? 0 : v.address());
        attributes.set(JAVA_LONG, 24, flags);
        return Bpf.call(command, attributes, 32);
    }

    private boolean found(String what, long result) {
        if (result == -Errno.ENOENT) {
            return false;
        }
        if (result < 0) {
            throw new LinuxException(what + name, (int) -result);
        }
        return true;
    }

    private void check(MemorySegment segment, long bytes, String what) {
        if (!segment.isNative() || segment.byteSize() < bytes) {
            throw new IllegalArgumentException(
                    "a "
                            + what
                            + " of BPF map "
                            + name
                            + " takes native memory of at least "
                            + bytes
                            + " bytes, not "
                            + segment);
        }
    }

    /// How many CPUs the kernel keeps room for; per-CPU values come in that number.
    public static int possibleCpus() {
        return Possible.CPUS;
    }

    /// Read once, when first asked.
    private static final class Possible {
        static final int CPUS = read();

        private static int read() {
            try {
                // "0-3" or "0,2-5": CPU numbers, the last is the highest
                String text = Files.readString(Path.of("/sys/devices/system/cpu/possible")).strip();
                String last = text.substring(text.lastIndexOf(',') + 1);
                return Integer.parseInt(last.substring(last.indexOf('-') + 1)) + 1;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot count the CPUs", e);
            }
        }
    }

    /// Closes our handle; programs that use the map keep it alive.
    @Override
    public synchronized void close() {
        if (fd.isOpen()) {
            fd.close();
            Mapping present = mapping;
            if (present != null) {
                present.close();
            }
            arena.close();
        }
    }
}
