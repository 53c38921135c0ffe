package org.jvs.cli.ipvsadm;

/**
 * The options, numbered as in ipvsadm's table of which command allows which. Commands and options
 * that need no bit of their own have numbers from {@link #FIRST_TAG} on.
 */
final class Option {
    static final int NUMERIC = 0;
    static final int CONNECTION = 1;
    static final int SERVICE = 2;
    static final int SCHEDULER = 3;
    static final int PERSISTENT = 4;
    static final int NETMASK = 5;
    static final int SERVER = 6;
    static final int FORWARD = 7;
    static final int WEIGHT = 8;
    static final int UPPER_THRESHOLD = 9;
    static final int LOWER_THRESHOLD = 10;
    static final int MCAST_INTERFACE = 11;
    static final int TIMEOUT = 12;
    static final int DAEMON = 13;
    static final int STATS = 14;
    static final int RATE = 15;
    static final int THRESHOLDS = 16;
    static final int PERSISTENT_CONN = 17;
    static final int NO_SORT = 18;
    static final int SYNC_ID = 19;
    static final int EXACT = 20;
    static final int ONE_PACKET = 21;
    static final int PERSISTENCE_ENGINE = 22;
    static final int SCHED_FLAGS = 23;
    static final int MCAST_GROUP = 24;
    static final int MCAST_PORT = 25;
    static final int MCAST_TTL = 26;
    static final int SYNC_MAXLEN = 27;
    static final int TUN_INFO = 28;
    static final int TUN_TYPE = 29;
    static final int TUN_PORT = 30;
    static final int TUN_NOCSUM = 31;
    static final int TUN_CSUM = 32;
    static final int TUN_REMCSUM = 33;
    static final int COUNT = 34;

    static final int FIRST_TAG = 64;
    static final int UDP_SERVICE = 64;
    static final int SCTP_SERVICE = 65;
    static final int FWMARK_SERVICE = 66;
    static final int MASQUERADING = 67;
    static final int IPIP = 68;
    static final int GATEWAYING = 69;
    static final int SORT = 70;
    static final int IPV6 = 71;

    /** Commands: their tag is this plus their row in {@link Rules}. */
    static final int FIRST_COMMAND = 128;

    static final int ADD = 128;
    static final int EDIT = 129;
    static final int DELETE = 130;
    static final int FLUSH = 131;
    static final int LIST = 132;
    static final int ADD_SERVER = 133;
    static final int DELETE_SERVER = 134;
    static final int EDIT_SERVER = 135;
    static final int SET = 136;
    static final int START_DAEMON = 137;
    static final int STOP_DAEMON = 138;
    static final int RESTORE = 139;
    static final int SAVE = 140;
    static final int ZERO = 141;
    static final int HELP = 142;
    static final int VERSION = 143;

    static final int NONE = -1;

    private Option() {}

    /** The option of a letter, or {@link #NONE}. */
    static int ofLetter(char letter) {
        return switch (letter) {
            case 'A' -> ADD;
            case 'E' -> EDIT;
            case 'D' -> DELETE;
            case 'C' -> FLUSH;
            case 'L', 'l' -> LIST;
            case 'Z' -> ZERO;
            case 'a' -> ADD_SERVER;
            case 'e' -> EDIT_SERVER;
            case 'd' -> DELETE_SERVER;
            case 'h' -> HELP;
            case 'v' -> VERSION;
            case 'R' -> RESTORE;
            case 'S' -> SAVE;
            case 't' -> SERVICE;
            case 'u' -> UDP_SERVICE;
            case 'f' -> FWMARK_SERVICE;
            case 's' -> SCHEDULER;
            case 'p' -> PERSISTENT;
            case 'M' -> NETMASK;
            case 'r' -> SERVER;
            case 'm' -> MASQUERADING;
            case 'i' -> IPIP;
            case 'g' -> GATEWAYING;
            case 'w' -> WEIGHT;
            case 'x' -> UPPER_THRESHOLD;
            case 'y' -> LOWER_THRESHOLD;
            case 'n' -> NUMERIC;
            case 'c' -> CONNECTION;
            case 'X' -> EXACT;
            case '6' -> IPV6;
            case 'o' -> ONE_PACKET;
            case 'b' -> SCHED_FLAGS;
            default -> NONE;
        };
    }

    /** The option of a long name, which is never abbreviated, or {@link #NONE}. */
    static int ofName(String name) {
        return switch (name) {
            case "add-service" -> ADD;
            case "edit-service" -> EDIT;
            case "delete-service" -> DELETE;
            case "clear" -> FLUSH;
            case "list" -> LIST;
            case "zero" -> ZERO;
            case "add-server" -> ADD_SERVER;
            case "edit-server" -> EDIT_SERVER;
            case "delete-server" -> DELETE_SERVER;
            case "set" -> SET;
            case "help" -> HELP;
            case "version" -> VERSION;
            case "restore" -> RESTORE;
            case "save" -> SAVE;
            case "start-daemon" -> START_DAEMON;
            case "stop-daemon" -> STOP_DAEMON;
            case "tcp-service" -> SERVICE;
            case "udp-service" -> UDP_SERVICE;
            case "sctp-service" -> SCTP_SERVICE;
            case "fwmark-service" -> FWMARK_SERVICE;
            case "scheduler" -> SCHEDULER;
            case "persistent" -> PERSISTENT;
            case "netmask" -> NETMASK;
            case "real-server" -> SERVER;
            case "masquerading" -> MASQUERADING;
            case "ipip" -> IPIP;
            case "gatewaying" -> GATEWAYING;
            case "weight" -> WEIGHT;
            case "u-threshold" -> UPPER_THRESHOLD;
            case "l-threshold" -> LOWER_THRESHOLD;
            case "numeric" -> NUMERIC;
            case "connection" -> CONNECTION;
            case "mcast-interface" -> MCAST_INTERFACE;
            case "syncid" -> SYNC_ID;
            case "timeout" -> TIMEOUT;
            case "daemon" -> DAEMON;
            case "stats" -> STATS;
            case "rate" -> RATE;
            case "thresholds" -> THRESHOLDS;
            case "persistent-conn" -> PERSISTENT_CONN;
            case "nosort" -> NO_SORT;
            case "sort" -> SORT;
            case "exact" -> EXACT;
            case "ipv6" -> IPV6;
            case "ops" -> ONE_PACKET;
            case "pe" -> PERSISTENCE_ENGINE;
            case "sched-flags" -> SCHED_FLAGS;
            case "mcast-group" -> MCAST_GROUP;
            case "mcast-port" -> MCAST_PORT;
            case "mcast-ttl" -> MCAST_TTL;
            case "sync-maxlen" -> SYNC_MAXLEN;
            case "tun-info" -> TUN_INFO;
            case "tun-type" -> TUN_TYPE;
            case "tun-port" -> TUN_PORT;
            case "tun-nocsum" -> TUN_NOCSUM;
            case "tun-csum" -> TUN_CSUM;
            case "tun-remcsum" -> TUN_REMCSUM;
            default -> NONE;
        };
    }

    /** Whether the option takes a value; that of {@link #PERSISTENT} may be absent. */
    static boolean takesValue(int option) {
        return switch (option) {
            case START_DAEMON,
                    STOP_DAEMON,
                    SERVICE,
                    UDP_SERVICE,
                    SCTP_SERVICE,
                    FWMARK_SERVICE,
                    SCHEDULER,
                    PERSISTENT,
                    NETMASK,
                    SERVER,
                    WEIGHT,
                    UPPER_THRESHOLD,
                    LOWER_THRESHOLD,
                    MCAST_INTERFACE,
                    SYNC_ID,
                    PERSISTENCE_ENGINE,
                    SCHED_FLAGS,
                    MCAST_GROUP,
                    MCAST_PORT,
                    MCAST_TTL,
                    SYNC_MAXLEN,
                    TUN_TYPE,
                    TUN_PORT ->
                    true;
            default -> false;
        };
    }
}
