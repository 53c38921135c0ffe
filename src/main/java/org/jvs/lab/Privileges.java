package org.jvs.lab;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the lab needs of the machine, asked before it fails half-way.
public final class Privileges {
    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_NET_RAW = 13;
    private static final int CAP_SYS_ADMIN = 21;

    private Privileges() {}

    /// The capabilities that this process lacks (capabilities(7)); empty for root on most machines.
    public static List<String> missing() {
        long effective = effective();
        return java.util.stream.Stream.of(
                        name(effective, CAP_SYS_ADMIN, "CAP_SYS_ADMIN"),
                        name(effective, CAP_NET_ADMIN, "CAP_NET_ADMIN"),
                        name(effective, CAP_NET_RAW, "CAP_NET_RAW"))
                .filter(text -> !text.isEmpty())
                .toList();
    }

    private static String name(long effective, int bit, String text) {
        return (effective >>> bit & 1) == 0 ? text : "";
    }

    private static long effective() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("CapEff:"))
                    .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                    .findFirst()
                    .orElse(0L);
        } catch (IOException e) {
            return 0;
        }
    }

    /// Whether this JVM makes IPv6 sockets. It decides so once, by whether any interface had an
    /// IPv6 address in the namespace it was started in, and holds it true of all others.
    public static boolean hasIpv6() {
        try (SocketChannel channel = SocketChannel.open(java.net.StandardProtocolFamily.INET6)) {
            return channel.isOpen();
        } catch (IOException | UnsupportedOperationException _) {
            return false;
        }
    }
}
