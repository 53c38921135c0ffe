package org.jvs.core.proc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Admin;

/**
 * One of IPVS's files below {@code /proc/net}: its name, and how to print what it would hold for a
 * director, line by line and byte for byte as Linux 6.1 does. Numbers are hexadecimal but for
 * weights, connection counts and expiry times.
 */
public enum ProcFile {
    /** Services with their destinations. */
    IP_VS("ip_vs"),
    /** Connection entries with their expiry. */
    IP_VS_CONN("ip_vs_conn"),
    /** Connection entries with where they came from: this director or its sync peer. */
    IP_VS_CONN_SYNC("ip_vs_conn_sync"),
    /** Counters and rates in total. */
    IP_VS_STATS("ip_vs_stats"),
    /** Counters in total and for each CPU; JVS counts them all for CPU 0. */
    IP_VS_STATS_PERCPU("ip_vs_stats_percpu");

    private final String fileName;

    ProcFile(String fileName) {
        this.fileName = fileName;
    }

    /** The name below {@code /proc/net}. */
    public String fileName() {
        return fileName;
    }

    /** Prints the file, one call a line, without line ends. */
    public void print(Admin admin, Consumer<String> lines) {
        switch (this) {
            case IP_VS -> ServicesFile.print(admin, lines);
            case IP_VS_CONN -> new ConnectionsFile(false).print(admin, lines);
            case IP_VS_CONN_SYNC -> new ConnectionsFile(true).print(admin, lines);
            case IP_VS_STATS -> StatsFile.print(admin, lines);
            case IP_VS_STATS_PERCPU -> StatsFile.printPerCpu(admin, lines);
        }
    }

    /** The lines of the file. */
    public List<String> lines(Admin admin) {
        List<String> lines = new ArrayList<>();
        print(admin, lines::add);
        return lines;
    }

    /** The file of that name, or null. */
    public static @Nullable ProcFile named(String fileName) {
        for (ProcFile file : values()) {
            if (file.fileName.equals(fileName)) {
                return file;
            }
        }
        return null;
    }

    /** All names, as in {@code ip_vs, ip_vs_conn, ...}. */
    public static String names() {
        return String.join(", ", Arrays.stream(values()).map(ProcFile::fileName).toList());
    }
}
