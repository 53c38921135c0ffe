package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Driver settings of interfaces (SIOCETHTOOL, `linux/ethtool.h`). For the namespace of the thread
/// that opened it.
public final class Ethtool implements AutoCloseable {
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int SIOCETHTOOL = 0x8946;

    private static final int GET_DRIVER = 0x03;
    private static final int GET_STRINGS = 0x1b;
    private static final int GET_STATISTICS = 0x1d;
    private static final int GET_FLAGS = 0x25;
    private static final int SET_FLAGS = 0x26;
    private static final int GET_CHANNELS = 0x3c;
    private static final int SET_CHANNELS = 0x3d;
    private static final int FLAG_LRO = 1 << 15;

    private static final int NAME_BYTES = 16;

    private static final int STATISTICS_SET = 1;
    private static final int STATISTIC_NAME_BYTES = 32;

    /// Of `n_stats` in `struct ethtool_drvinfo`: after command, five names of 32 bytes, twelve
    /// bytes reserved and the number of private flags.
    private static final int DRIVER_STATISTICS_AT = 4 + 5 * 32 + 12 + 4;

    /// A feature that is one 32-bit value, with its commands to get and set it.
    private enum Feature {
        RX_CHECKSUM(0x14, 0x15),
        TX_CHECKSUM(0x16, 0x17),
        SCATTER_GATHER(0x18, 0x19),
        TSO(0x1e, 0x1f),
        GSO(0x23, 0x24),
        GRO(0x2b, 0x2c);

        private final int get;
        private final int set;

        Feature(int get, int set) {
            this.get = get;
            this.set = set;
        }
    }

    /// How many queues an interface has.
    ///
    /// @param combined queues that both receive and send
    /// @param rx queues that only receive
    /// @param tx queues that only send
    /// @param maxCombined how many combined ones there could be
    public record Channels(int combined, int rx, int tx, int maxCombined) {
        /// Queues that packets arrive on: each needs an AF_XDP socket.
        public int receiving() {
            return combined + rx;
        }
    }

    private final Fd fd = Syscalls.socket("socket(AF_INET)", AF_INET, SOCK_DGRAM, 0);

    private Ethtool() {}

    /// For the calling thread's namespace.
    public static Ethtool open() {
        return new Ethtool();
    }

    /// For the given namespace.
    public static Ethtool open(NetworkNamespace namespace) {
        return namespace.call(Ethtool::open);
    }

    public Offloads offloads(String name) {
        return new Offloads(
                get(name, Feature.RX_CHECKSUM),
                get(name, Feature.TX_CHECKSUM),
                get(name, Feature.SCATTER_GATHER),
                get(name, Feature.TSO),
                get(name, Feature.GSO),
                get(name, Feature.GRO),
                (flags(name) & FLAG_LRO) != 0);
    }

    /// Sets what differs from the present. Some features hang on others (TSO on the checksum), so
    /// read again what came of it.
    ///
    /// @throws LinuxException EOPNOTSUPP if the driver cannot change one of them
    public void setOffloads(String name, Offloads wanted) {
        Offloads now = offloads(name);
        set(name, Feature.RX_CHECKSUM, now.rxChecksum(), wanted.rxChecksum());
        set(name, Feature.GRO, now.gro(), wanted.gro());
        set(name, Feature.TSO, now.tso(), wanted.tso());
        set(name, Feature.GSO, now.gso(), wanted.gso());
        set(name, Feature.SCATTER_GATHER, now.scatterGather(), wanted.scatterGather());
        set(name, Feature.TX_CHECKSUM, now.txChecksum(), wanted.txChecksum());
        if (now.lro() != wanted.lro()) {
            int flags = flags(name) & ~FLAG_LRO | (wanted.lro() ? FLAG_LRO : 0);
            value(name, SET_FLAGS, flags, "set LRO of " + name);
        }
    }

    /// The driver's name (`veth`, `virtio_net`, `ixgbe`), or empty if it tells none.
    public String driver(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(196, 8); // struct ethtool_drvinfo
            info.set(JAVA_INT, 0, GET_DRIVER);
            int errno = request(name, info);
            if (errno == Errno.EOPNOTSUPP) {
                return "";
            }
            check("driver of " + name, errno);
            return info.asSlice(4, 32).getString(0);
        }
    }

    /// The queues; one combined queue where the driver does not tell.
    public Channels channels(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment channels = channels(name, arena);
            return channels == null
                    ? new Channels(1, 0, 0, 1)
                    : new Channels(
                            channels.get(JAVA_INT, 32),
                            channels.get(JAVA_INT, 20),
                            channels.get(JAVA_INT, 24),
                            channels.get(JAVA_INT, 16));
        }
    }

    /// Sets the number of combined queues, for drivers that have such (others: of receive and send
    /// queues each).
    public void setChannels(String name, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment channels = channels(name, arena);
            if (channels == null) {
                throw new LinuxException("set queues of " + name, Errno.EOPNOTSUPP);
            }
            channels.set(JAVA_INT, 0, SET_CHANNELS);
            if (channels.get(JAVA_INT, 16) > 0) {
                channels.set(JAVA_INT, 32, count);
            } else {
                channels.set(JAVA_INT, 20, count);
                channels.set(JAVA_INT, 24, count);
            }
            check("set queues of " + name + " to " + count, request(name, channels));
        }
    }

    /// The driver's own counters by their names, as `ethtool -S` shows them; empty if it has none.
    public Map<String, Long> statistics(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(196, 8); // struct ethtool_drvinfo
            info.set(JAVA_INT, 0, GET_DRIVER);
            int errno = request(name, info);
            int count = errno == 0 ? info.get(JAVA_INT, DRIVER_STATISTICS_AT) : 0;
            if (count == 0) {
                return Map.of();
            }
            // struct ethtool_gstrings: command, set, length, names of 32 bytes
            MemorySegment names = arena.allocate(12 + (long) count * STATISTIC_NAME_BYTES, 8);
            names.set(JAVA_INT, 0, GET_STRINGS);
            names.set(JAVA_INT, 4, STATISTICS_SET);
            names.set(JAVA_INT, 8, count);
            check("names of counters of " + name, request(name, names));
            // struct ethtool_stats: command, number, values
            MemorySegment values = arena.allocate(8 + (long) count * Long.BYTES, 8);
            values.set(JAVA_INT, 0, GET_STATISTICS);
            values.set(JAVA_INT, 4, count);
            check("counters of " + name, request(name, values));
            int known = Math.min(names.get(JAVA_INT, 8), values.get(JAVA_INT, 4));
            Map<String, Long> statistics = new LinkedHashMap<>();
            for (int i = 0; i < Math.min(known, count); i++) {
                long at = 12 + (long) i * STATISTIC_NAME_BYTES;
                statistics.put(
                        names.asSlice(at, STATISTIC_NAME_BYTES).getString(0),
                        values.get(JAVA_LONG, 8 + (long) i * Long.BYTES));
            }
            return statistics;
        }
    }

    /// `struct ethtool_channels`: command, max rx, tx, other, combined, then the present numbers.
    private @Nullable MemorySegment channels(String name, Arena arena) {
        MemorySegment channels = arena.allocate(36, 8);
        channels.set(JAVA_INT, 0, GET_CHANNELS);
        int errno = request(name, channels);
        if (errno == Errno.EOPNOTSUPP) {
            return null;
        }
        check("queues of " + name, errno);
        return channels;
    }

    private boolean get(String name, Feature feature) {
        return value(name, feature.get, 0, "get " + feature + " of " + name) != 0;
    }

    private void set(String name, Feature feature, boolean now, boolean wanted) {
        if (now != wanted) {
            String what = "set " + feature + " of " + name + (wanted ? " on" : " off");
            value(name, feature.set, wanted ? 1 : 0, what);
        }
    }

    private int flags(String name) {
        return value(name, GET_FLAGS, 0, "get flags of " + name);
    }

    private int value(String name, int command, int data, String what) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(8, 8); // struct ethtool_value
            value.set(JAVA_INT, 0, command);
            value.set(JAVA_INT, 4, data);
            check(what, request(name, value));
            return value.get(JAVA_INT, 4);
        }
    }

    private static void check(String what, int errno) {
        if (errno != 0) {
            throw new LinuxException(what, errno);
        }
    }

    /// 0 or a positive errno.
    private int request(String name, MemorySegment command) {
        Links.checkName(name);
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(40, 8); // struct ifreq: name, pointer
            MemorySegment.copy(text, 0, request, JAVA_BYTE, 0, text.length);
            request.set(JAVA_LONG, NAME_BYTES, command.address());
            return (int) -Syscalls.call(Nr.IOCTL, fd.value(), SIOCETHTOOL, request.address());
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
