package org.jvs.core.engine;

import org.jspecify.annotations.Nullable;

/**
 * The settings of {@code /proc/sys/net/ipv4/vs}: the kernel's name, its default, and what a write
 * accepts. As in the kernel most of them take any 32-bit number, also where only 0 and 1 differ.
 */
public enum Setting {
    AM_DROPRATE("am_droprate", 10, Kind.NUMBER),
    AMEMTHRESH("amemthresh", 1024, Kind.NUMBER),
    BACKUP_ONLY("backup_only", 0, Kind.NUMBER),
    CACHE_BYPASS("cache_bypass", 0, Kind.NUMBER),
    CONN_REUSE_MODE("conn_reuse_mode", 1, Kind.NUMBER),
    CONNTRACK("conntrack", 0, Kind.NUMBER),
    DROP_ENTRY("drop_entry", 0, Kind.DEFENCE),
    DROP_PACKET("drop_packet", 0, Kind.DEFENCE),
    EXPIRE_NODEST_CONN("expire_nodest_conn", 0, Kind.NUMBER),
    EXPIRE_QUIESCENT_TEMPLATE("expire_quiescent_template", 0, Kind.NUMBER),
    IGNORE_TUNNELED("ignore_tunneled", 0, Kind.NUMBER),
    LBLC_EXPIRATION("lblc_expiration", 86_400, Kind.SECONDS),
    LBLCR_EXPIRATION("lblcr_expiration", 86_400, Kind.SECONDS),
    NAT_ICMP_SEND("nat_icmp_send", 0, Kind.NUMBER),
    PMTU_DISC("pmtu_disc", 1, Kind.NUMBER),
    RUN_ESTIMATION("run_estimation", 1, Kind.NUMBER),
    SCHEDULE_ICMP("schedule_icmp", 0, Kind.NUMBER),
    SECURE_TCP("secure_tcp", 0, Kind.DEFENCE),
    SLOPPY_SCTP("sloppy_sctp", 0, Kind.NUMBER),
    SLOPPY_TCP("sloppy_tcp", 0, Kind.NUMBER),
    SNAT_REROUTE("snat_reroute", 1, Kind.NUMBER),
    SYNC_PERSIST_MODE("sync_persist_mode", 0, Kind.NUMBER),
    SYNC_PORTS("sync_ports", 1, Kind.POWER_OF_TWO),
    /**
     * The kernel derives its default from the size of memory; this is what a small machine gets.
     */
    SYNC_QLEN_MAX("sync_qlen_max", 3612, Kind.UNSIGNED_LONG),
    SYNC_REFRESH_PERIOD("sync_refresh_period", 0, Kind.SECONDS),
    SYNC_RETRIES("sync_retries", 0, Kind.RETRIES),
    SYNC_SOCK_SIZE("sync_sock_size", 0, Kind.NUMBER),
    SYNC_THRESHOLD("sync_threshold", 3, Kind.THRESHOLD),
    SYNC_VERSION("sync_version", 1, Kind.VERSION);

    /** What the kernel's handler of a file accepts. */
    enum Kind {
        /** Any signed 32-bit number. */
        NUMBER,
        /** 0 off, 1 automatic, 2 automatic and active, 3 always. */
        DEFENCE,
        /** Seconds that the kernel keeps in jiffies: at most INT_MAX / HZ of them. */
        SECONDS,
        /** A positive power of two. */
        POWER_OF_TWO,
        /** An unsigned 64-bit number. */
        UNSIGNED_LONG,
        /** 0..3. */
        RETRIES,
        /** Two numbers, not negative, the first below the second unless that is 0. */
        THRESHOLD,
        /** 0 or 1. */
        VERSION
    }

    private final String kernelName;
    private final long initial;
    private final Kind kind;

    Setting(String kernelName, long initial, Kind kind) {
        this.kernelName = kernelName;
        this.initial = initial;
        this.kind = kind;
    }

    /** The name of the file below {@code /proc/sys/net/ipv4/vs}. */
    public String kernelName() {
        return kernelName;
    }

    /** The value at start. */
    public long initial() {
        return initial;
    }

    Kind kind() {
        return kind;
    }

    /** What may be written, for messages. */
    public String range() {
        return switch (kind) {
            case NUMBER -> "-2147483648..2147483647";
            case DEFENCE, RETRIES -> "0..3";
            case SECONDS -> "-8589934..8589934 seconds";
            case POWER_OF_TWO -> "1, 2, 4, 8 ...";
            case UNSIGNED_LONG -> "0..18446744073709551615";
            case THRESHOLD -> "two numbers, the first below the second, or the second 0";
            case VERSION -> "0..1";
        };
    }

    /** The setting of a kernel name, or null. */
    public static @Nullable Setting of(String kernelName) {
        for (Setting setting : values()) {
            if (setting.kernelName.equals(kernelName)) {
                return setting;
            }
        }
        return null;
    }
}
