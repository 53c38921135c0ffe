package org.jvs.conformance.host;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.jvs.conformance.host.MarkRule.Range;
import org.jvs.conformance.shell.MissingFeature;
import org.jvs.conformance.shell.Program;
import org.jvs.conformance.shell.Streams;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;

/**
 * {@code iptables} and {@code ip6tables}: the rules of {@code mangle PREROUTING} that mark packets.
 * Rules that accept what would be accepted anyway are taken and forgotten; any other rule is a
 * missing feature.
 */
public final class IptablesCommand implements Program {
    private final MarkRules rules;
    private final boolean ipv6;

    /** The command of one IP version over some rules. */
    public IptablesCommand(MarkRules rules, boolean ipv6) {
        this.rules = rules;
        this.ipv6 = ipv6;
    }

    @Override
    public int run(List<String> arguments, Streams streams) {
        Line line = new Line(arguments);
        line.read();
        switch (line.action) {
            case 'F', 'X', 'Z' -> {
                if (line.table.equals("mangle") && line.action == 'F') {
                    rules.clear(ipv6);
                }
                return 0;
            }
            case 'P' -> {
                return 0;
            }
            default -> {}
        }
        if (line.jump.equals("ACCEPT")) {
            return 0;
        }
        if (!line.jump.equals("MARK")
                || !line.table.equals("mangle")
                || !line.chain.equals("PREROUTING")
                || line.unknownMatch != null) {
            String what = line.unknownMatch == null ? "" : " with " + line.unknownMatch;
            throw new MissingFeature(
                    "packet filter rule "
                            + line.table
                            + " "
                            + line.chain
                            + " -> "
                            + line.jump
                            + what);
        }
        MarkRule rule = line.rule();
        switch (line.action) {
            case 'A' -> rules.append(rule);
            case 'I' -> rules.insert(line.position, rule);
            case 'D' -> {
                if (!rules.remove(rule)) {
                    streams.err().append(arguments.get(0));
                    streams.err()
                            .append(": Bad rule (does a matching rule exist in that chain?).\n");
                    return 1;
                }
            }
            default -> throw new MissingFeature(arguments.get(0) + " -" + line.action);
        }
        return 0;
    }

    /** One command line, read word by word. */
    private final class Line {
        private final List<String> words;
        private int at = 1;
        private boolean not;

        String table = "filter";
        char action = '?';
        String chain = "";
        int position = 1;
        String jump = "";
        @Nullable String unknownMatch;
        private @Nullable Prefix source;
        private boolean notSource;
        private @Nullable Prefix destination;
        private boolean notDestination;
        private int protocol = -1;
        private final List<Range> sourcePorts = new ArrayList<>();
        private final List<Range> destinationPorts = new ArrayList<>();
        private final List<Range> eitherPorts = new ArrayList<>();
        private @Nullable String device;
        private int mark;
        private int mask = -1;

        Line(List<String> words) {
            this.words = words;
        }

        MarkRule rule() {
            return new MarkRule(
                    ipv6,
                    source,
                    notSource,
                    destination,
                    notDestination,
                    protocol,
                    List.copyOf(sourcePorts),
                    List.copyOf(destinationPorts),
                    List.copyOf(eitherPorts),
                    device,
                    mark,
                    mask);
        }

        private String next() {
            if (at >= words.size()) {
                throw new MissingFeature("incomplete command " + String.join(" ", words));
            }
            return words.get(at++);
        }

        void read() {
            while (at < words.size()) {
                option(next());
            }
        }

        private void option(String word) {
            Family family = ipv6 ? Family.IPV6 : Family.IPV4;
            boolean inverted = not;
            not = false;
            switch (word) {
                case "!" -> not = true;
                case "-w", "--wait" -> {}
                case "-t", "--table" -> table = next();
                case "-A", "--append", "-D", "--delete", "-F", "--flush", "-X", "-Z", "-P" -> {
                    action =
                            word.startsWith("--")
                                    ? Character.toUpperCase(word.charAt(2))
                                    : word.charAt(1);
                    chain = at < words.size() ? next() : "";
                    at += action == 'P' ? 1 : 0;
                }
                case "-I", "--insert" -> {
                    action = 'I';
                    chain = next();
                    if (at < words.size() && words.get(at).matches("\\d+")) {
                        position = Integer.parseInt(next());
                    }
                }
                case "-s", "--source", "--src" -> {
                    source = Prefix.parse(next(), family);
                    notSource = inverted;
                }
                case "-d", "--destination", "--dst" -> {
                    destination = Prefix.parse(next(), family);
                    notDestination = inverted;
                }
                case "-p", "--protocol" -> protocol = protocol(next());
                case "-i", "--in-interface" -> device = next();
                case "--sport", "--source-port" -> sourcePorts.add(range(next()));
                case "--dport", "--destination-port" -> destinationPorts.add(range(next()));
                case "--sports", "--source-ports" -> addRanges(sourcePorts, next());
                case "--dports", "--destination-ports" -> addRanges(destinationPorts, next());
                case "--ports" -> addRanges(eitherPorts, next());
                case "-m", "--match" -> match(next());
                case "-j", "--jump" -> jump = next();
                case "--set-mark" -> setMark(next(), true);
                case "--set-xmark" -> setMark(next(), false);
                case "--or-mark" -> {
                    mark = number(next());
                    mask = mark;
                }
                case "--and-mark" -> mask = ~number(next());
                default -> unknownMatch = word;
            }
            if (inverted && !List.of("-s", "-d", "--source", "--destination").contains(word)) {
                unknownMatch = "! " + word;
            }
        }

        private void match(String name) {
            switch (name) {
                case "tcp", "udp", "sctp", "multiport", "mark" -> {}
                case "comment" -> at += 2;
                default -> unknownMatch = "-m " + name;
            }
        }

        /** {@code --set-mark} also clears the bits of the value, {@code --set-xmark} flips them. */
        private void setMark(String text, boolean set) {
            int slash = text.indexOf('/');
            mark = number(slash < 0 ? text : text.substring(0, slash));
            mask = slash < 0 ? -1 : number(text.substring(slash + 1));
            mask |= set ? mark : 0;
        }

        private static int number(String text) {
            return (int) Long.decode(text).longValue();
        }

        private static int protocol(String name) {
            return switch (name.toLowerCase(Locale.ROOT)) {
                case "all", "0" -> -1;
                case "tcp" -> Protocol.TCP;
                case "udp" -> Protocol.UDP;
                case "sctp" -> Protocol.SCTP;
                case "icmp" -> Protocol.ICMP;
                case "icmpv6", "ipv6-icmp" -> Protocol.ICMPV6;
                case "esp" -> Protocol.ESP;
                case "ah" -> Protocol.AH;
                case "gre" -> Protocol.GRE;
                default -> Integer.parseInt(name);
            };
        }

        private static void addRanges(List<Range> ranges, String text) {
            Arrays.stream(text.split(",")).map(Line::range).forEach(ranges::add);
        }

        private static Range range(String text) {
            String[] ends = text.split(":", -1);
            int from = ends[0].isEmpty() ? 0 : Integer.parseInt(ends[0]);
            String last = ends[ends.length - 1];
            return new Range(from, last.isEmpty() ? 65535 : Integer.parseInt(last));
        }
    }
}
