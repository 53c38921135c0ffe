package org.jvs.conformance.host;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;

/** The scripted hosts on the director's two networks. */
public final class Lan {
    /** A scripted realserver; its leg is that of the namespace that plays it. */
    public record Server(Address ipv4, Address ipv6, String mac, String leg) {
        /** Its address in a family. */
        public Address address(boolean wantIpv6) {
            return wantIpv6 ? ipv6 : ipv4;
        }
    }

    /** The Ethernet address of every scripted client and of the router behind them. */
    public static final String CLIENT_MAC = "02:0c:00:00:00:01";

    /** 10.10.2.21 to 29 and fd00:10:2::21 to 29, in turn on the legs rs1, rs2 and rs3. */
    public static final List<Server> SERVERS =
            IntStream.range(0, 9)
                    .mapToObj(i ->
                            new Server(
                                    Address.parse("10.10.2." + (21 + i)),
                                    Address.parse("fd00:10:2::" + (21 + i)),
                                    "02:05:00:00:00:" + (21 + i),
                                    "rs" + (i % 3 + 1)))
                    .toList();

    private Lan() {}

    /** The realserver of an Ethernet address, or null. */
    public static @Nullable Server ofMac(String mac) {
        return SERVERS.stream().filter(server -> server.mac().equals(mac)).findFirst().orElse(null);
    }

    /** The interface on which the director hears a leg. */
    public static String device(String leg) {
        return leg.equals("client") ? "eth0" : "eth1";
    }
}
