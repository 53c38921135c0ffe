package org.jvs.core.proc;

import java.util.function.Consumer;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.Stats;

/** {@code /proc/net/ip_vs_stats} and {@code ip_vs_stats_percpu}, all numbers hexadecimal. */
final class StatsFile {
    private StatsFile() {}

    static void print(Admin admin, Consumer<String> lines) {
        Stats stats = admin.totals();
        lines.accept("   Total Incoming Outgoing         Incoming         Outgoing");
        lines.accept("   Conns  Packets  Packets            Bytes            Bytes");
        lines.accept(counters(stats));
        lines.accept("");
        lines.accept(" Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s");
        lines.accept(rates(stats));
    }

    static void printPerCpu(Admin admin, Consumer<String> lines) {
        Stats stats = admin.totals();
        lines.accept("       Total Incoming Outgoing         Incoming         Outgoing");
        lines.accept("CPU    Conns  Packets  Packets            Bytes            Bytes");
        lines.accept("  0 " + counters(stats));
        lines.accept("  ~ " + counters(stats));
        lines.accept("");
        lines.accept("     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s");
        lines.accept("    " + rates(stats));
    }

    private static String counters(Stats stats) {
        return columns(
                stats.connections(),
                stats.inPackets(),
                stats.outPackets(),
                stats.inBytes(),
                stats.outBytes());
    }

    private static String rates(Stats stats) {
        return columns(stats.cps(), stats.inPps(), stats.outPps(), stats.inBps(), stats.outBps());
    }

    private static String columns(long first, long second, long third, long fourth, long fifth) {
        return Hex.number(first, 8)
                + " "
                + Hex.number(second, 8)
                + " "
                + Hex.number(third, 8)
                + " "
                + Hex.number(fourth, 16)
                + " "
                + Hex.number(fifth, 16);
    }
}
