package org.jvs.cli.ipvsadm;

import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.DestinationSpec.Tunnel;

/**
 * Which command allows which option, and which tunnel type allows which tunnel option: {@code +}
 * required, {@code x} refused, {@code 1} at most one of these, blank allowed. Columns in the order
 * of {@link Option}; the first offender from the left is reported.
 */
final class Rules {
    private static final String[] COMMANDS = {
        "add-service",
        "edit-service",
        "delete-service",
        "flush",
        "list",
        "add-server",
        "delete-server",
        "edit-server",
        "set",
        "start-daemon",
        "stop-daemon",
        "restore",
        "save",
        "zero",
    };

    private static final String[] OPTIONS = {
        "numeric",
        "connection",
        "service-address",
        "scheduler",
        "persistent",
        "netmask",
        "real-server",
        "forwarding-method",
        "weight",
        "u-threshold",
        "l-threshold",
        "mcast-interface",
        "timeout",
        "daemon",
        "stats",
        "rate",
        "thresholds",
        "persistent-conn",
        "nosort",
        "syncid",
        "exact",
        "ops",
        "pe",
        "sched-flags",
        "mcast-group",
        "mcast-port",
        "mcast-ttl",
        "sync-maxlen",
        "tun-info",
        "tun-type",
        "tun-port",
        "tun-nocsum",
        "tun-csum",
        "tun-remcsum",
    };

    private static final String[] TABLE = {
        "xx+   xxxxxxxxxxxxxxx   xxxxxxxxxx", // add-service
        "xx+   xxxxxxxxxxxxxxx   xxxxxxxxxx", // edit-service
        "xx+xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", // delete-service
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", // flush
        " 11xxxxxxxxx11       xxxxxxx xxxxx", // list
        "xx+xxx+    xxxxxxxxxxxxxxxxxx     ", // add-server
        "xx+xxx+xxxxxxxxxxxxxxxxxxxxxxxxxxx", // delete-server
        "xx+xxx+    xxxxxxxxxxxxxxxxxx     ", // edit-server
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", // set
        "xxxxxxxxxxx xxxxxxx xxxx    xxxxxx", // start-daemon
        "xxxxxxxxxxxxxxxxxxx xxxxxxxxxxxxxx", // stop-daemon
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", // restore
        " xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", // save
        "xx xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", // zero
    };

    private Rules() {}

    /** The name of an option in messages. */
    static String optionName(int option) {
        return OPTIONS[option];
    }

    /** The complaint about the first option that the command does not allow, or null. */
    static @Nullable String checkCommand(int command, long given) {
        int row = command - Option.FIRST_COMMAND;
        return check(TABLE[row], Option.NUMERIC, given, COMMANDS[row], "command");
    }

    /** The complaint about the first option that the tunnel type does not allow, or null. */
    static @Nullable String checkTunnel(Tunnel.Type type, long given) {
        // columns: tun-port, tun-nocsum, tun-csum, tun-remcsum
        return switch (type) {
            case IPIP -> check("xxxx", Option.TUN_PORT, given, "ipip", "tunnel type");
            case GUE -> check("+111", Option.TUN_PORT, given, "gue", "tunnel type");
            case GRE -> check("x11x", Option.TUN_PORT, given, "gre", "tunnel type");
        };
    }

    private static @Nullable String check(
            String row, int firstOption, long given, String subject, String kind) {
        int exclusive = -1;
        for (int i = 0; i < row.length(); i++) {
            int option = firstOption + i;
            char rule = row.charAt(i);
            if ((given & 1L << option) == 0) {
                if (rule == '+') {
                    return "You need to supply the '"
                            + OPTIONS[option]
                            + ("' option for the '" + subject + "' " + kind);
                }
            } else if (rule == 'x') {
                return "Illegal '"
                        + OPTIONS[option]
                        + ("' option with the '" + subject + "' " + kind);
            } else if (rule == '1') {
                if (exclusive >= 0) {
                    return "The option '"
                            + OPTIONS[option]
                            + "' conflicts with the '"
                            + OPTIONS[exclusive]
                            + ("' option in the '" + subject + "' " + kind);
                }
                exclusive = option;
            }
        }
        return null;
    }
}
