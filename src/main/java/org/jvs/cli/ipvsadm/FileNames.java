package org.jvs.cli.ipvsadm;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;

/**
 * Names from files in the formats of hosts(5) and services(5), then, if wanted, from the system's
 * resolver. The files are read when first asked for: {@code ipvsadm -Ln} reads neither. A file that
 * cannot be read holds no names.
 */
public final class FileNames implements Names {
    private final Path hostsFile;
    private final Path servicesFile;
    private final boolean resolver;
    private @Nullable List<String[]> hosts;
    private @Nullable List<String[]> services;
    private final Map<Address, String> known = new HashMap<>();

    /**
     * Reads names from two files.
     *
     * @param resolver whether to ask the system's resolver (DNS as a rule) for what they do not
     *     hold
     */
    public FileNames(Path hostsFile, Path servicesFile, boolean resolver) {
        this.hostsFile = hostsFile;
        this.servicesFile = servicesFile;
        this.resolver = resolver;
    }

    /** The names of this machine: {@code /etc/hosts}, {@code /etc/services}, then the resolver. */
    public static FileNames system() {
        return new FileNames(Path.of("/etc/hosts"), Path.of("/etc/services"), true);
    }

    @Override
    public @Nullable Address hostAddress(String name) {
        if (!looksLikeName(name)) {
            return null;
        }
        for (String[] line : hosts()) {
            for (int i = 1; i < line.length; i++) {
                if (line[i].equalsIgnoreCase(name)) {
                    Address address = Address.tryParse(line[0]);
                    if (address != null && !address.isIpv6()) {
                        return address;
                    }
                }
            }
        }
        return resolver ? resolve(name) : null;
    }

    /** Refuses what the JDK would take as a literal address and the C library as no name. */
    private static boolean looksLikeName(String name) {
        boolean letter = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == ':' || c <= ' ' || c == '/' || c == '%') {
                return false;
            }
            letter |= c != '.' && (c < '0' || c > '9');
        }
        return letter;
    }

    private static @Nullable Address resolve(String name) {
        try {
            for (InetAddress found : InetAddress.getAllByName(name)) {
                byte[] bytes = found.getAddress();
                if (bytes.length == 4) {
                    return Address.ofBytes(bytes);
                }
            }
        } catch (UnknownHostException _) {
            return null;
        }
        return null;
    }

    @Override
    public @Nullable String hostName(Address address) {
        String name = known.get(address);
        if (name == null) {
            name = lookUp(address);
            known.put(address, name == null ? "" : name);
        }
        return name == null || name.isEmpty() ? null : name;
    }

    private @Nullable String lookUp(Address address) {
        for (String[] line : hosts()) {
            if (line.length > 1 && address.equals(Address.tryParse(line[0]))) {
                return line[1];
            }
        }
        if (!resolver) {
            return null;
        }
        try {
            InetAddress asked = InetAddress.getByAddress(address.toBytes());
            String found = asked.getCanonicalHostName();
            return found.equals(asked.getHostAddress()) ? null : found;
        } catch (UnknownHostException _) {
            return null;
        }
    }

    @Override
    public int servicePort(String name, String protocol) {
        for (String[] line : services()) {
            if (!protocol.equals(line[2])) {
                continue;
            }
            for (int i = 0; i < line.length; i++) {
                if (i != 1 && i != 2 && line[i].equals(name)) {
                    return Integer.parseInt(line[1]);
                }
            }
        }
        return -1;
    }

    @Override
    public @Nullable String serviceName(int port, String protocol) {
        String text = Integer.toString(port);
        for (String[] line : services()) {
            if (line[1].equals(text) && line[2].equals(protocol)) {
                return line[0];
            }
        }
        return null;
    }

    private List<String[]> hosts() {
        List<String[]> read = hosts;
        if (read == null) {
            read = lines(hostsFile);
            hosts = read;
        }
        return read;
    }

    /** Lines of name, port, protocol, aliases. */
    private List<String[]> services() {
        List<String[]> read = services;
        if (read != null) {
            return read;
        }
        read = new ArrayList<>();
        for (String[] line : lines(servicesFile)) {
            int slash = line.length > 1 ? line[1].indexOf('/') : -1;
            int port = slash < 0 ? -1 : Numbers.decimal(line[1].substring(0, slash), 0, 65535);
            if (port < 0) {
                continue;
            }
            String[] entry = new String[line.length + 1];
            entry[0] = line[0];
            entry[1] = Integer.toString(port);
            entry[2] = line[1].substring(slash + 1);
            System.arraycopy(line, 2, entry, 3, line.length - 2);
            read.add(entry);
        }
        services = read;
        return read;
    }

    /** The words of every line that has any, without comments. */
    private static List<String[]> lines(Path file) {
        List<String[]> lines = new ArrayList<>();
        String text;
        try {
            text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException _) {
            return lines;
        }
        List<String> words = new ArrayList<>();
        int start = -1;
        boolean comment = false;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '\n';
            comment |= c == '#';
            if (comment || c <= ' ') {
                if (start >= 0) {
                    words.add(text.substring(start, i));
                    start = -1;
                }
            } else if (start < 0) {
                start = i;
            }
            if (c == '\n') {
                comment = false;
                if (!words.isEmpty()) {
                    lines.add(words.toArray(new String[0]));
                    words.clear();
                }
            }
        }
        return lines;
    }
}
