package org.jvs.conformance;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.jvs.cli.ipvsadm.Ipvsadm;
import org.jvs.cli.ipvsadm.Names;
import org.jvs.conformance.host.IpCommand;
import org.jvs.conformance.host.IptablesCommand;
import org.jvs.conformance.host.LocalStack;
import org.jvs.conformance.host.MarkRules;
import org.jvs.conformance.host.Network;
import org.jvs.conformance.shell.Files;
import org.jvs.conformance.shell.MissingFeature;
import org.jvs.conformance.shell.Program;
import org.jvs.conformance.shell.Shell;
import org.jvs.conformance.shell.Streams;
import org.jvs.conformance.shell.TextTools;
import org.jvs.core.admin.Admin;
import org.jvs.core.net.Protocol;

/** The commands on the director: ipvsadm is the real one, the others act on the model. */
final class LabPrograms {
    private static final String SETTING_PREFIX = "net.ipv4.vs.";

    private final Admin admin;
    private final Names names;
    private final Files files;
    private final LocalStack stack;
    private final Shell shell;
    private final Map<String, Program> programs = new HashMap<>();

    LabPrograms(
            Admin admin,
            Names names,
            Files files,
            Network network,
            LocalStack stack,
            MarkRules marks,
            LongConsumer sleep) {
        this.admin = admin;
        this.names = names;
        this.files = files;
        this.stack = stack;
        TextTools tools = new TextTools(files);
        tools.addTo(programs);
        programs.put("ipvsadm", this::ipvsadm);
        programs.put("ipvsadm-save", this::save);
        programs.put("ipvsadm-restore", this::restore);
        programs.put("ip", new IpCommand(network));
        programs.put("iptables", new IptablesCommand(marks, false));
        programs.put("ip6tables", new IptablesCommand(marks, true));
        programs.put("sleep", (words, _) -> sleep(words, sleep));
        programs.put("modprobe", (_, _) -> 0);
        programs.put("sysctl", this::sysctl);
        programs.put("kill", this::kill);
        programs.put("nc", this::listen);
        programs.put("busybox", this::busybox);
        programs.put("sed", LabPrograms::sed);
        shell = new Shell(files, programs);
        tools.bind(shell);
    }

    Shell shell() {
        return shell;
    }

    private int ipvsadm(List<String> words, Streams streams) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status =
                Ipvsadm.run(
                        words.subList(1, words.size()).toArray(String[]::new),
                        new ByteArrayInputStream(streams.in().getBytes(StandardCharsets.UTF_8)),
                        out,
                        err,
                        names,
                        () -> admin);
        streams.out().append(out.toString(StandardCharsets.UTF_8));
        streams.err().append(err.toString(StandardCharsets.UTF_8));
        return status;
    }

    /** As bin/ipvsadm-save. */
    private int save(List<String> words, Streams streams) {
        List<String> command = new ArrayList<>(List.of("ipvsadm", "-S"));
        for (String word : words.subList(1, words.size())) {
            if (word.startsWith("-") && !word.equals("-n")) {
                streams.err()
                        .append("ipvsadm-save: Script to save the IPVS table to stdout.\n")
                        .append("   With the -n option, prints out the table in numeric format.\n");
                return 1;
            }
            if (word.equals("-n") && command.size() == 2) {
                command.add(word);
            }
        }
        return ipvsadm(command, streams);
    }

    /** As bin/ipvsadm-restore. */
    private int restore(List<String> words, Streams streams) {
        StringBuilder rules = new StringBuilder();
        streams.in()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> rules.append(line).append('\n'));
        String text = rules.toString().replaceFirst("\n+$", "") + "\n";
        ipvsadm(List.of("ipvsadm", "-C"), streams);
        return ipvsadm(List.of("ipvsadm", "-R"), new Streams(text, streams.out(), streams.err()));
    }

    private static int sleep(List<String> words, LongConsumer sleep) {
        double seconds = 0;
        for (String word : words.subList(1, words.size())) {
            seconds += Double.parseDouble(word);
        }
        sleep.accept(Math.round(seconds * 1000));
        return 0;
    }

    private int sysctl(List<String> words, Streams streams) {
        boolean quiet = false;
        boolean bare = false;
        int status = 0;
        for (String word : words.subList(1, words.size())) {
            if (word.startsWith("-")) {
                quiet |= word.contains("q");
                bare |= word.contains("n");
                continue;
            }
            int equals = word.indexOf('=');
            String key = equals < 0 ? word : word.substring(0, equals);
            if (!key.startsWith(SETTING_PREFIX)) {
                throw new MissingFeature("sysctl " + key);
            }
            String path = "/proc/sys/" + key.replace('.', '/');
            if (files.read(path) == null) {
                streams.err()
                        .append("sysctl: error: '")
                        .append(key)
                        .append("' is an unknown key\n");
                status = 1;
                continue;
            }
            if (equals >= 0 && !files.write(path, word.substring(equals + 1) + "\n")) {
                streams.err().append("sysctl: setting key '").append(key);
                streams.err().append("': Invalid argument\n");
                status = 1;
            } else if (!quiet) {
                String value = equals < 0 ? files.read(path) : word.substring(equals + 1) + "\n";
                streams.out().append(bare ? "" : key + " = ").append(value);
            }
        }
        return status;
    }

    private int kill(List<String> words, Streams streams) {
        int status = 0;
        for (String word : words.subList(1, words.size())) {
            if (word.startsWith("-")) {
                continue;
            }
            if (!word.matches("\\d+") || !stack.kill(Integer.parseInt(word))) {
                streams.err().append("sh: 1: kill: No such process\n\n");
                status = 1;
            }
        }
        return status;
    }

    /** A server that echoes: {@code nc -ll -p PORT -e ... cat}, with {@code -u} for UDP. */
    private int listen(List<String> words, Streams streams) {
        String port = null;
        boolean listens = false;
        boolean echoes = false;
        int protocol = Protocol.TCP;
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("-e")) {
                echoes = words.getLast().endsWith("cat");
                break;
            }
            if (word.equals("-p") && i + 1 < words.size()) {
                port = words.get(++i);
            } else if (word.startsWith("-")) {
                listens |= word.contains("l");
                protocol = word.contains("u") ? Protocol.UDP : protocol;
            }
        }
        if (port == null || !listens || !echoes || shell.backgroundProcess() == 0) {
            throw new MissingFeature("command " + String.join(" ", words));
        }
        stack.listen(protocol, Integer.parseInt(port), shell.backgroundProcess());
        return 0;
    }

    private int busybox(List<String> words, Streams streams) {
        Program program = words.size() < 2 ? null : programs.get(words.get(1));
        if (program == null) {
            throw new MissingFeature("command " + String.join(" ", words));
        }
        return program.run(words.subList(1, words.size()), streams);
    }

    private static int sed(List<String> words, Streams streams) {
        boolean conntrack = words.getLast().contains("conntrack");
        throw new MissingFeature(conntrack ? "conntrack" : "shell command sed");
    }

    /** Runs a line; the exit status. */
    int run(String line, @Nullable String stdin, StringBuilder out, StringBuilder err) {
        return shell.run(line, new Streams(Objects.requireNonNullElse(stdin, ""), out, err));
    }
}
