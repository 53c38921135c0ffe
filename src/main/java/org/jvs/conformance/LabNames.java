package org.jvs.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.jvs.cli.ipvsadm.Names;
import org.jvs.core.net.Address;

/** The hosts and services that the machine of the recordings had names for. */
final class LabNames implements Names {
    private record Host(Address address, List<String> names) {}

    private record Service(int port, String protocol, List<String> names) {}

    private static final List<Host> HOSTS =
            List.of(
                    host("127.0.0.1", "localhost"),
                    host("::1", "localhost", "ip6-localhost"),
                    host("10.10.1.100", "vip.lab.test", "vip"),
                    host("10.10.2.11", "rs1.lab.test", "rs1"),
                    host("10.10.2.12", "rs2.lab.test", "rs2"),
                    host("10.10.2.13", "rs3.lab.test", "rs3"),
                    host("fd00:10:1::100", "vip6.lab.test", "vip6"),
                    host("fd00:10:2::11", "rs1-6.lab.test", "rs1-6"),
                    host("10.10.1.2", "client.lab.test", "client"));

    private final List<Service> services = readServices();

    private static Host host(String address, String... names) {
        return new Host(Address.parse(address), List.of(names));
    }

    private static List<Service> readServices() {
        List<Service> services = new ArrayList<>();
        try (InputStream in =
                        Objects.requireNonNull(LabNames.class.getResourceAsStream("services"));
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    List<String> words = Arrays.asList(line.split(" "));
                    String[] key = words.get(0).split("/");
                    services.add(
                            new Service(
                                    Integer.parseInt(key[0]),
                                    key[1],
                                    words.subList(1, words.size())));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return services;
    }

    @Override
    public @Nullable Address hostAddress(String name) {
        for (Host host : HOSTS) {
            if (!host.address.isIpv6() && host.names.stream().anyMatch(name::equalsIgnoreCase)) {
                return host.address;
            }
        }
        return null;
    }

    @Override
    public @Nullable String hostName(Address address) {
        for (Host host : HOSTS) {
            if (host.address.equals(address)) {
                return host.names.get(0);
            }
        }
        return null;
    }

    @Override
    public int servicePort(String name, String protocol) {
        for (Service service : services) {
            if (service.protocol.equals(protocol) && service.names.contains(name)) {
                return service.port;
            }
        }
        return -1;
    }

    @Override
    public @Nullable String serviceName(int port, String protocol) {
        for (Service service : services) {
            if (service.port == port && service.protocol.equals(protocol)) {
                return service.names.get(0);
            }
        }
        return null;
    }
}
