package org.jvs.conformance.host;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.jvs.conformance.shell.MissingFeature;
import org.jvs.conformance.shell.Program;
import org.jvs.conformance.shell.Streams;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;

/** {@code ip}: MTUs of links, routes, and the route cache; nothing that prints. */
public final class IpCommand implements Program {
    private final Network network;

    /** The command over a machine. */
    public IpCommand(Network network) {
        this.network = network;
    }

    @Override
    public int run(List<String> arguments, Streams streams) {
        List<String> words = new ArrayList<>(arguments.subList(1, arguments.size()));
        Family family = Family.IPV4;
        while (!words.isEmpty() && words.get(0).startsWith("-")) {
            String option = words.removeFirst();
            family =
                    switch (option) {
                        case "-6" -> Family.IPV6;
                        case "-4" -> Family.IPV4;
                        default -> throw new MissingFeature("ip " + option);
                    };
        }
        String object = words.isEmpty() ? "" : words.removeFirst();
        boolean done =
                switch (object) {
                    case "l", "link" -> link(words, streams);
                    case "r", "ro", "route" -> route(words, family);
                    default -> false;
                };
        if (!done) {
            throw new MissingFeature("command " + String.join(" ", arguments));
        }
        return streams.err().isEmpty() ? 0 : 1;
    }

    private boolean link(List<String> words, Streams streams) {
        if (words.size() < 2 || !words.get(0).equals("set")) {
            return false;
        }
        int name = words.get(1).equals("dev") ? 2 : 1;
        for (int i = name + 1; i < words.size(); i++) {
            if (words.get(i).equals("mtu") && i + 1 < words.size()) {
                if (!network.setMtu(words.get(name), Integer.parseInt(words.get(++i)))) {
                    streams.err().append("Cannot find device \"").append(words.get(name));
                    streams.err().append("\"\n");
                }
            } else if (!words.get(i).equals("up")) {
                return false;
            }
        }
        return true;
    }

    private boolean route(List<String> words, Family family) {
        String action = words.isEmpty() ? "" : words.get(0);
        return switch (action) {
            case "flush" -> {
                if (words.contains("cache")) {
                    network.forgetMtus(family);
                }
                yield words.contains("cache");
            }
            case "add", "replace", "append" -> {
                Network.Route route = route(words.subList(1, words.size()), family, true);
                if (route != null) {
                    network.replaceRoute(route);
                }
                yield route != null;
            }
            case "del", "delete" -> {
                Network.Route route = route(words.subList(1, words.size()), family, false);
                yield route != null && network.removeRoute(route.prefix());
            }
            default -> false;
        };
    }

    private Network.@Nullable Route route(List<String> words, Family family, boolean complete) {
        boolean local = false;
        Prefix prefix = null;
        Address gateway = null;
        String device = null;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            switch (word) {
                case "local" -> local = true;
                case "unicast" -> local = false;
                case "via" -> gateway = Address.parse(words.get(++i));
                case "dev" -> device = words.get(++i);
                case "table", "scope", "proto", "metric", "src", "mtu" -> {
                    return null;
                }
                default -> prefix = Prefix.parse(word, family);
            }
        }
        if (prefix == null) {
            return null;
        }
        if (device == null && gateway != null) {
            Network.Route towards = network.route(gateway);
            device = towards == null ? null : towards.device();
        }
        if (device == null) {
            return complete ? null : new Network.Route(prefix, local, "lo", gateway);
        }
        return network.hasInterface(device)
                ? new Network.Route(prefix, local, device, gateway)
                : null;
    }
}
