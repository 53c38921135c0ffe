package org.jvs.cli.ipvsadm;

import static org.jvs.cli.ipvsadm.Numbers.decimal;

import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.DestinationSpec.Tunnel;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.admin.Timeouts;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;

/**
 * Reads a command line into an {@link Invocation}, with the checks of ipvsadm in their order:
 * options in the order given, surplus words, scheduler flags, the table of {@link Rules}, then what
 * depends on several options.
 */
final class Parser {
    /** Of {@code -p} without a value, in seconds. */
    private static final int DEFAULT_PERSISTENCE = 360;

    private static final int MAX_TIMEOUT = 31 * 86400;
    private static final int MAX_SYNC_LENGTH = 65535 - 20 - 8;

    private final Console console;
    private final Names names;
    private final Scanner scanner;
    private final Invocation line = new Invocation();
    private String schedulerFlags = "";

    private Parser(String[] words, Console console, Names names) {
        this.console = console;
        this.names = names;
        this.scanner = new Scanner(words);
    }

    /**
     * Parses one command line.
     *
     * @return null after an error which ends only this line
     * @throws Exit after an error which ends the program, and after help and version
     */
    static @Nullable Invocation parse(String[] words, Console console, Names names) {
        Parser parser = new Parser(words, console, names);
        if (!parser.parseOptions()) {
            return null;
        }
        parser.check();
        return parser.line;
    }

    private boolean parseOptions() {
        command(scanner.next());
        int option;
        while ((option = scanner.next()) >= 0) {
            if (option >= Option.FIRST_COMMAND) {
                throw console.fail("invalid option `" + scanner.badWord() + "'");
            }
            option(option);
        }
        if (option != Scanner.END) {
            console.error(scanner.badWord() + ": " + Scanner.errorText(option));
            return false;
        }
        if (line.command == Option.SET) {
            setTimeouts();
        }
        String surplus = scanner.nextLeftover();
        if (surplus != null) {
            throw console.fail("unexpected argument " + surplus);
        }
        if (!schedulerFlags.isEmpty()) {
            line.flags |= schedulerFlags();
        }
        return true;
    }

    private void command(int option) {
        if (option == Option.HELP) {
            Help.print(console.out());
            throw new Exit(0);
        }
        if (option == Option.VERSION) {
            console.out().add(Help.VERSION).line();
            throw new Exit(0);
        }
        if (option < Option.FIRST_COMMAND) {
            throw console.tryHelp();
        }
        line.command = option;
        if (option == Option.START_DAEMON || option == Option.STOP_DAEMON) {
            String role = scanner.requiredValue();
            line.master = role.equals("master");
            if (!line.master && !role.equals("backup")) {
                throw console.fail(
                        option == Option.START_DAEMON
                                ? "illegal start-daemon parameter specified"
                                : "illegal start_daemon specified");
            }
        }
    }

    private void option(int option) {
        switch (option) {
            case Option.SERVICE -> service(Protocol.TCP);
            case Option.UDP_SERVICE -> service(Protocol.UDP);
            case Option.SCTP_SERVICE -> service(Protocol.SCTP);
            case Option.FWMARK_SERVICE -> mark();
            case Option.IPV6 -> {
                if (line.mark == 0) {
                    throw console.fail("-6 used before -f\n");
                }
                line.family = Family.IPV6;
                line.netmask = 128;
            }
            case Option.MASQUERADING -> method(ForwardingMethod.NAT);
            case Option.IPIP -> method(ForwardingMethod.TUNNEL);
            case Option.GATEWAYING -> method(ForwardingMethod.DIRECT);
            case Option.SORT -> {}
            default -> {
                give(option);
                if (option >= Option.MCAST_GROUP || option == Option.MCAST_INTERFACE) {
                    daemonOrTunnel(option, scanner.requiredValue());
                } else {
                    serviceOrServer(option, scanner.requiredValue());
                }
            }
        }
    }

    private void give(int option) {
        if (line.has(option)) {
            throw console.fail("multiple '" + Rules.optionName(option) + "' options specified");
        }
        line.given |= 1L << option;
    }

    private void method(ForwardingMethod method) {
        give(Option.FORWARD);
        line.method = method;
    }

    private void service(int protocol) {
        give(Option.SERVICE);
        line.protocol = protocol;
        Endpoint service = Endpoint.parse(scanner.requiredValue(), protocol, names);
        if (service == null) {
            throw console.fail("illegal virtual server address[:port] specified");
        }
        line.family = service.address().family();
        line.address = service.address();
        line.port = service.port();
        if (service.address().isIpv6()) {
            line.netmask = 128;
        }
    }

    private void mark() {
        give(Option.SERVICE);
        line.family = Family.IPV4;
        line.protocol = Protocol.TCP;
        String text = scanner.requiredValue();
        long mark = Numbers.signed(text);
        if (mark <= 0 || mark > 0xffffffffL) {
            throw console.fail("invalid fwmark value `" + text + "' specified");
        }
        line.mark = (int) mark;
    }

    private void server(String text) {
        Endpoint server = Endpoint.parse(text, line.protocol, names);
        if (server == null) {
            throw console.fail("illegal real server address[:port] specified");
        }
        line.serverAddress = server.address();
        line.serverPort = server.hasPort() ? server.port() : line.port;
    }

    private void serviceOrServer(int option, String value) {
        switch (option) {
            case Option.SCHEDULER -> line.scheduler = cut(value, 15);
            case Option.PERSISTENT -> {
                line.flags |= ServiceSpec.PERSISTENT;
                line.timeoutSeconds =
                        scanner.value() == null ? DEFAULT_PERSISTENCE : timeout(value, 1);
            }
            case Option.NETMASK -> netmask(value);
            case Option.SERVER -> server(value);
            case Option.WEIGHT ->
                    line.weight = number(value, 0, Integer.MAX_VALUE, "illegal weight specified");
            case Option.UPPER_THRESHOLD ->
                    line.upperThreshold =
                            number(value, 0, Integer.MAX_VALUE, "illegal u_threshold specified");
            case Option.LOWER_THRESHOLD ->
                    line.lowerThreshold =
                            number(value, 0, Integer.MAX_VALUE, "illegal l_threshold specified");
            case Option.ONE_PACKET -> line.flags |= ServiceSpec.ONE_PACKET;
            case Option.PERSISTENCE_ENGINE -> line.persistenceEngine = cut(value, 16);
            case Option.SCHED_FLAGS -> schedulerFlags = cut(value, 127);
            case Option.SYNC_ID -> line.syncId = number(value, 0, 255, "illegal syncid specified");
            default -> {} // a listing option: the bit says it all
        }
    }

    private void daemonOrTunnel(int option, String value) {
        switch (option) {
            case Option.MCAST_INTERFACE -> line.multicastInterface = cut(value, 15);
            case Option.MCAST_GROUP -> multicastGroup(value);
            case Option.MCAST_PORT ->
                    line.multicastPort = number(value, 1, 65535, "illegal mcast-port specified");
            case Option.MCAST_TTL ->
                    line.multicastTtl = number(value, 1, 255, "illegal mcast-ttl specified");
            case Option.SYNC_MAXLEN ->
                    line.syncMaxLength =
                            number(value, 1, MAX_SYNC_LENGTH, "illegal sync-maxlen specified");
            case Option.TUN_TYPE ->
                    line.tunnelType =
                            switch (value) {
                                case "ipip" -> Tunnel.Type.IPIP;
                                case "gue" -> Tunnel.Type.GUE;
                                case "gre" -> Tunnel.Type.GRE;
                                default -> throw console.fail("illegal tunnel type specified");
                            };
            case Option.TUN_PORT ->
                    line.tunnelPort = number(value, 1, 65535, "illegal tunnel port specified");
            case Option.TUN_CSUM -> line.tunnelFlags |= Tunnel.CHECKSUM;
            case Option.TUN_REMCSUM -> line.tunnelFlags |= Tunnel.REMOTE_CHECKSUM;
            default -> {} // tun-info, tun-nocsum
        }
    }

    private int number(String text, int min, int max, String complaint) {
        int number = decimal(text, min, max);
        if (number < 0) {
            throw console.fail(complaint);
        }
        return number;
    }

    private int timeout(String text, int min) {
        return number(text, min, MAX_TIMEOUT, "invalid timeout value `" + text + "' specified");
    }

    private void netmask(String text) {
        if (line.family == Family.IPV6) {
            line.netmask = Numbers.leading(text);
            if (line.netmask < 1 || line.netmask > 128) {
                throw console.fail("illegal ipv6 netmask specified");
            }
            return;
        }
        Address mask = Endpoint.ipv4(text, names);
        if (mask == null) {
            throw console.fail("illegal virtual server persistent mask specified");
        }
        line.netmask = (int) mask.lo();
    }

    private void multicastGroup(String text) {
        boolean ipv6 = text.indexOf(':') >= 0;
        Address group = Address.tryParse(text);
        boolean multicast =
                group != null && (ipv6 ? group.hi() >>> 56 == 0xff : group.lo() >>> 28 == 0xe);
        if (!multicast) {
            throw console.fail(
                    "invalid " + (ipv6 ? "IPv6" : "IPv4") + " mcast-group `" + text + "'");
        }
        line.multicastGroup = group;
    }

    private void setTimeouts() {
        String tcp = scanner.nextLeftover();
        String tcpFin = scanner.nextLeftover();
        String udp = scanner.nextLeftover();
        if (tcp == null || tcpFin == null || udp == null) {
            throw console.fail("--set option requires 3 timeout values");
        }
        line.timeouts = new Timeouts(timeout(tcp, 0), timeout(tcpFin, 0), timeout(udp, 0));
    }

    private int schedulerFlags() {
        String scheduler = line.scheduler.isEmpty() ? Invocation.DEFAULT_SCHEDULER : line.scheduler;
        int flags = 0;
        int start = 0;
        while (start <= schedulerFlags.length()) {
            int comma = schedulerFlags.indexOf(',', start);
            int end = comma < 0 ? schedulerFlags.length() : comma;
            if (end > start) {
                flags |= schedulerFlag(schedulerFlags.substring(start, end), scheduler);
            }
            start = end + 1;
        }
        return flags;
    }

    private int schedulerFlag(String flag, String scheduler) {
        int bit =
                switch (flag) {
                    case "flag-1", "sh-fallback", "mh-fallback" -> ServiceSpec.SCHED1;
                    case "flag-2", "sh-port", "mh-port" -> ServiceSpec.SCHED2;
                    case "flag-3" -> ServiceSpec.SCHED3;
                    default -> throw console.fail("invalid scheduler flag `" + flag + "'");
                };
        if (flag.charAt(1) == 'h' && !scheduler.equals(flag.substring(0, 2))) {
            throw console.fail("incompatible scheduler flag `" + flag + "'");
        }
        return bit;
    }

    private static String cut(String text, int length) {
        return text.length() > length ? text.substring(0, length) : text;
    }

    private void check() {
        complain(Rules.checkCommand(line.command, line.given));
        if (line.command == Option.ADD || line.command == Option.EDIT) {
            if (line.mark == 0 && line.port == 0 && !line.isPersistent()) {
                complain("Zero port specified for non-persistent service");
            }
            if (line.isOnePacket() && line.mark == 0 && !line.isUdp()) {
                complain("One-Packet Scheduling is only for UDP virtual services");
            }
            if (line.scheduler.isEmpty()) {
                line.scheduler = Invocation.DEFAULT_SCHEDULER;
            }
        }
        if (line.command == Option.START_DAEMON && line.multicastInterface.isEmpty()) {
            line.multicastInterface = "eth0";
        }
        if (line.command == Option.ADD_SERVER || line.command == Option.EDIT_SERVER) {
            checkServer();
        }
        if (line.command == Option.LIST) {
            boolean counters =
                    line.has(Option.STATS) || line.has(Option.RATE) || line.has(Option.THRESHOLDS);
            boolean settings = line.has(Option.TIMEOUT) || line.has(Option.DAEMON);
            if (counters && (settings || line.has(Option.CONNECTION))
                    || settings && line.has(Option.PERSISTENT_CONN)) {
                complain("options conflicts in the list command");
            }
        }
    }

    private void checkServer() {
        boolean tunnel = line.method == ForwardingMethod.TUNNEL;
        if (line.mark == 0 && line.method != ForwardingMethod.NAT) {
            line.serverPort = line.port;
        }
        Address server = line.serverAddress;
        if (!tunnel && server != null && server.family() != line.family) {
            complain("Different address family is allowed only for tunneling servers");
        }
        if (!tunnel && line.given >>> Option.TUN_TYPE != 0) {
            complain("Tunnel options conflict with forward method");
        }
        complain(Rules.checkTunnel(line.tunnelType, line.given));
    }

    private void complain(@Nullable String complaint) {
        if (complaint != null) {
            throw console.fail(complaint);
        }
    }
}
