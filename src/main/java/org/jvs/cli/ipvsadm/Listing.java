package org.jvs.cli.ipvsadm;

import java.util.List;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.admin.Stats;
import org.jvs.core.admin.SyncDaemon;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;

/** Prints services and their destinations, as a table or as the rules that would make them. */
final class Listing {
    private static final String TITLE = "Prot LocalAddress:Port";
    private static final String[] CHECKSUM_SIGNS = {"-c", "+c", "r+c"};
    private static final String[] CHECKSUM_OPTIONS = {
        "--tun-nocsum", "--tun-csum", "--tun-remcsum"
    };

    private final Text out;
    private final Names names;
    private final boolean rules;
    private final boolean numeric;
    private final boolean exact;
    private final Invocation line;

    Listing(Console console, Names names, Invocation line) {
        this.out = console.out();
        this.names = names;
        this.line = line;
        this.rules = line.command == Option.SAVE;
        this.numeric = line.has(Option.NUMERIC);
        this.exact = line.has(Option.EXACT);
    }

    /** Everything, in ipvsadm's order unless {@code --nosort} was given. */
    void all(int tableSize, List<ServiceListing> services) {
        if (!rules) {
            out.add("IP Virtual Server version 1.2.1 (size=").add(tableSize).add(")").line();
        }
        ServiceListing[] sorted = services.toArray(new ServiceListing[0]);
        if (!line.has(Option.NO_SORT)) {
            Order.sort(sorted);
        }
        title();
        for (ServiceListing service : sorted) {
            service(service);
        }
    }

    /** One service, under the same title. */
    void one(ServiceListing service) {
        title();
        service(service);
    }

    private void title() {
        if (rules) {
            return;
        }
        if (line.has(Option.STATS)) {
            counterTitle("Conns", "InPkts", "OutPkts", "InBytes", "OutBytes");
        } else if (line.has(Option.RATE)) {
            counterTitle("CPS", "InPPS", "OutPPS", "InBPS", "OutBPS");
        } else if (line.has(Option.THRESHOLDS)) {
            out.left(TITLE, 33).add(" Uthreshold Lthreshold ActiveConn InActConn ").line();
            out.add("  -> RemoteAddress:Port").line();
        } else if (line.has(Option.PERSISTENT_CONN)) {
            out.left(TITLE, 33).add(" Weight    PersistConn ActiveConn InActConn ").line();
            out.add("  -> RemoteAddress:Port").line();
        } else {
            String tunnel = line.has(Option.TUN_INFO) ? "TunnelInfo    " : "";
            out.add(TITLE).add(" Scheduler Flags").line();
            out.add("  -> RemoteAddress:Port           Forward ").add(tunnel);
            out.add("Weight ActiveConn InActConn").line();
        }
    }

    private void counterTitle(String a, String b, String c, String d, String e) {
        out.left(TITLE, 33).add(' ').right(a, 8).add(' ').right(b, 8).add(' ').right(c, 8);
        out.add(' ').right(d, 8).add(' ').right(e, 8).line();
        out.add("  -> RemoteAddress:Port").line();
    }

    private void service(ServiceListing service) {
        ServiceSpec spec = service.spec();
        String name = serviceName(spec.key());
        if (rules) {
            serviceRule(spec, name);
        } else if (line.has(Option.STATS)) {
            out.left(name, 33);
            counters(service.stats());
        } else if (line.has(Option.RATE)) {
            out.left(name, 33);
            Stats stats = service.stats();
            number(stats.cps());
            number(stats.inPps());
            number(stats.outPps());
            number(stats.inBps());
            number(stats.outBps());
        } else {
            serviceLine(spec, name);
        }
        out.line();
        DestinationListing[] destinations =
                service.destinations().toArray(new DestinationListing[0]);
        if (!line.has(Option.NO_SORT)) {
            Order.sort(destinations);
        }
        // A mark has no protocol, and so its servers' ports have no names.
        int protocol = spec.key().isMark() ? Protocol.IP : spec.key().protocol();
        for (DestinationListing destination : destinations) {
            destination(name, protocol, destination);
        }
    }

    private String serviceName(ServiceKey key) {
        if (key.isMark()) {
            String mark = Integer.toString(key.mark());
            if (rules) {
                return key.family() == Family.IPV6 ? "-f " + mark + " -6" : "-f " + mark;
            }
            return key.family() == Family.IPV6 ? "FWM  " + mark + " IPv6" : "FWM  " + mark;
        }
        String where = endpoint(key.address(), key.port(), key.protocol());
        if (rules) {
            return switch (key.protocol()) {
                case Protocol.TCP -> "-t " + where;
                case Protocol.UDP -> "-u " + where;
                case Protocol.SCTP -> "--sctp-service " + where;
                default -> "--xxx-service " + where;
            };
        }
        String name =
                switch (key.protocol()) {
                    case Protocol.TCP -> "TCP  " + where;
                    case Protocol.UDP -> "UDP  " + where;
                    case Protocol.SCTP -> "SCTP " + where;
                    default -> "?    " + where;
                };
        boolean cut = key.family() == Family.IPV4 && name.length() > 33;
        return cut ? name.substring(0, 33) : name;
    }

    private void serviceRule(ServiceSpec spec, String name) {
        out.add("-A ").add(name).add(" -s ").add(spec.scheduler());
        if (spec.has(ServiceSpec.PERSISTENT)) {
            out.add(" -p ").add(spec.timeoutSeconds() & 0xffffffffL);
            netmask(spec, " -M ");
        }
        if (!spec.persistenceEngine().isEmpty()) {
            out.add(" --pe ").add(spec.persistenceEngine());
        }
        if (spec.has(ServiceSpec.ONE_PACKET)) {
            out.add(" -o");
        }
        if (hasSchedulerFlags(spec)) {
            out.add(" -b ");
            schedulerFlags(spec);
        }
    }

    private void serviceLine(ServiceSpec spec, String name) {
        out.add(name).add(' ').add(spec.scheduler());
        if (hasSchedulerFlags(spec)) {
            out.add(" (");
            schedulerFlags(spec);
            out.add(')');
        }
        if (spec.has(ServiceSpec.PERSISTENT)) {
            out.add(" persistent ").add(spec.timeoutSeconds() & 0xffffffffL);
            netmask(spec, " mask ");
            if (!spec.persistenceEngine().isEmpty()) {
                out.add(" pe ").add(spec.persistenceEngine());
            }
        }
        if (spec.has(ServiceSpec.ONE_PACKET)) {
            out.add(" ops");
        }
    }

    private void netmask(ServiceSpec spec, String before) {
        if (spec.key().family() == Family.IPV6) {
            if (spec.netmask() != 128) {
                out.add(before).add(spec.netmask());
            }
        } else if (spec.netmask() != -1) {
            out.add(before).add(Address.ipv4(spec.netmask()).toString());
        }
    }

    private static boolean hasSchedulerFlags(ServiceSpec spec) {
        int any = ServiceSpec.SCHED1 | ServiceSpec.SCHED2 | ServiceSpec.SCHED3;
        return (spec.flags() & any) != 0;
    }

    private void schedulerFlags(ServiceSpec spec) {
        String scheduler = spec.scheduler();
        boolean hashing = scheduler.equals("sh") || scheduler.equals("mh");
        String separator = "";
        if (spec.has(ServiceSpec.SCHED1)) {
            out.add(hashing ? scheduler : "").add(hashing ? "-fallback" : "flag-1");
            separator = ",";
        }
        if (spec.has(ServiceSpec.SCHED2)) {
            out.add(separator).add(hashing ? scheduler : "").add(hashing ? "-port" : "flag-2");
            separator = ",";
        }
        if (spec.has(ServiceSpec.SCHED3) && !hashing) {
            out.add(separator).add("flag-3");
        }
    }

    private void destination(String service, int protocol, DestinationListing listed) {
        DestinationSpec spec = listed.spec();
        String name = endpoint(spec.address(), spec.port(), protocol);
        if (rules) {
            destinationRule(service, name, spec);
            return;
        }
        if (!spec.address().isIpv6() && name.length() > 28) {
            name = name.substring(0, 28);
        }
        out.add("  -> ").left(name, 28);
        if (line.has(Option.STATS)) {
            counters(listed.stats());
        } else if (line.has(Option.RATE)) {
            Stats stats = listed.stats();
            out.add(' ').right(Long.toUnsignedString(stats.cps()), 8);
            out.add(' ').right(Long.toUnsignedString(stats.inPps()), 8);
            out.add(' ').right(Long.toUnsignedString(stats.outPps()), 8);
            number(stats.inBps());
            number(stats.outBps());
        } else if (line.has(Option.THRESHOLDS)) {
            column(spec.upperThreshold(), 10);
            column(spec.lowerThreshold(), 10);
            connections(listed);
        } else if (line.has(Option.PERSISTENT_CONN)) {
            column(spec.weight(), 9);
            column(listed.persistent(), 11);
            connections(listed);
        } else {
            out.add(' ').left(spec.method().listed(), 7);
            if (line.has(Option.TUN_INFO)) {
                out.add(' ').left(tunnelInfo(spec), 13);
            }
            out.add(' ').left(Integer.toString(spec.weight()), 6);
            connections(listed);
        }
        out.line();
    }

    private void connections(DestinationListing listed) {
        column(listed.active(), 10);
        column(listed.inactive(), 10);
    }

    private void column(int value, int width) {
        out.add(' ').left(Integer.toUnsignedString(value), width);
    }

    private static String tunnelName(DestinationSpec.Tunnel tunnel) {
        return switch (tunnel.type()) {
            case IPIP -> "ipip";
            case GUE -> "gue";
            case GRE -> "gre";
        };
    }

    private static String tunnelInfo(DestinationSpec spec) {
        if (spec.method() != ForwardingMethod.TUNNEL) {
            return "n/a";
        }
        DestinationSpec.Tunnel tunnel = spec.tunnel();
        String name = tunnelName(tunnel);
        return switch (tunnel.type()) {
            case IPIP -> name;
            case GUE -> name + ":" + tunnel.port() + ":" + CHECKSUM_SIGNS[tunnel.flags() % 3];
            case GRE -> name + ":" + CHECKSUM_SIGNS[tunnel.flags() % 3];
        };
    }

    private void destinationRule(String service, String name, DestinationSpec spec) {
        String method =
                switch (spec.method()) {
                    case NAT -> " -m -w ";
                    case TUNNEL -> " -i -w ";
                    default -> " -g -w ";
                };
        out.add("-a ").add(service).add(" -r ").add(name).add(method).add(spec.weight());
        if (spec.method() == ForwardingMethod.TUNNEL) {
            DestinationSpec.Tunnel tunnel = spec.tunnel();
            out.add(" --tun-type ").add(tunnelName(tunnel));
            if (tunnel.type() == DestinationSpec.Tunnel.Type.GUE) {
                out.add(" --tun-port ").add(tunnel.port());
            }
            if (tunnel.type() != DestinationSpec.Tunnel.Type.IPIP) {
                out.add(' ').add(CHECKSUM_OPTIONS[tunnel.flags() % 3]);
            }
        }
        out.line();
    }

    private String endpoint(Address address, int port, int protocol) {
        return Endpoint.format(address, port, protocol, numeric, names);
    }

    private void counters(Stats stats) {
        number(stats.connections());
        number(stats.inPackets());
        number(stats.outPackets());
        number(stats.inBytes());
        number(stats.outBytes());
    }

    /** Nine columns, the unit changing with the size unless {@code --exact} was given. */
    private void number(long value) {
        if (exact) {
            String text = Long.toUnsignedString(value);
            out.right(text, text.length() <= 8 ? 9 : text.length() + 1);
        } else if (below(value, 100_000_000L)) {
            out.right(Long.toString(value), 9);
        } else if (below(value, 1_000_000_000L)) {
            scaled(value, 1_000, 'K');
        } else if (below(value, 100_000_000_000L)) {
            scaled(value, 1_000_000, 'M');
        } else if (below(value, 100_000_000_000_000L)) {
            scaled(value, 1_000_000_000L, 'G');
        } else {
            scaled(value, 1_000_000_000_000L, 'T');
        }
    }

    private static boolean below(long value, long limit) {
        return Long.compareUnsigned(value, limit) < 0;
    }

    private void scaled(long value, long unit, char sign) {
        out.right(Long.toUnsignedString(Long.divideUnsigned(value, unit)), 8).add(sign);
    }

    /** The sync daemons, one line each; a parameter of 0 is left out. */
    static void daemons(Text out, List<SyncDaemon> daemons) {
        for (int i = 0; i < daemons.size(); i++) {
            SyncDaemon daemon = daemons.get(i);
            out.add(daemon.master() ? "master" : "backup").add(" sync daemon (mcast=");
            out.add(daemon.multicastInterface()).add(", syncid=").add(daemon.syncId());
            if (daemon.maxLength() != 0) {
                out.add(", maxlen=").add(daemon.maxLength());
            }
            Address group = daemon.multicastGroup();
            if (group != null) {
                out.add(", group=").add(group.toString());
            }
            if (daemon.multicastPort() != 0) {
                out.add(", port=").add(daemon.multicastPort());
            }
            if (daemon.multicastTtl() != 0) {
                out.add(", ttl=").add(daemon.multicastTtl());
            }
            out.add(")").line();
        }
    }
}
