package org.jvs.datapath.program;

import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.table.Counters;
import org.jvs.core.table.Destinations;
import org.jvs.ebpf.Field;

/// Sizes of the shared tables, and the secrets of their hashes; constants of the program.
///
/// @param slots of either connection table, a power of two
/// @param ipv4Seed the seed that the IPv4 table was made with
/// @param ipv6Seed the seed that the IPv6 table was made with
/// @param destinations lines of destinations
/// @param counterLines lines of counters in each lane
/// @param cpus lanes of counters behind the first one, which is Java's
public record Layout(
        int slots, long ipv4Seed, long ipv6Seed, int destinations, int counterLines, int cpus) {

    /// Fields of `Destinations`' lines.
    static final class Destination {
        static final Field ADDRESS_HI = Field.u64("address", 0);
        static final Field ADDRESS_LO = Field.u64("address+8", 8);

        /// Port, forwarding method and flags.
        static final Field WORD = Field.u32("method and flags", 16);

        static final Field METHOD = Field.u8("method", 18);
        static final Field WEIGHT = Field.u32("weight", 20);
        static final Field ACTIVE = Field.u32("active", 32);
        static final Field INACTIVE = Field.u32("inactive", 36);
        static final Field SERVICE = Field.u32("service's counters", 48);
        static final Field TUNNEL_KIND = Field.u8("tunnel kind", 52);
        static final Field COUNTERS = Field.u32("counters", 56);

        static final int AVAILABLE = Destinations.AVAILABLE << 24;
        static final int METHOD_AND_AVAILABLE = 0xff | AVAILABLE >>> 16;
        static final int IPV6 = Destinations.IPV6 << 24;
        static final int NAT = ForwardingMethod.NAT.number();
        static final int TUNNEL = ForwardingMethod.TUNNEL.number();
        static final int DIRECT = ForwardingMethod.DIRECT.number();
        static final int BYTES = Destinations.LINE_BYTES;

        private Destination() {}
    }

    /// A value of a line of counters.
    static Field counter(String name, int value) {
        return Field.u64(name, value * Long.BYTES);
    }

    int laneBytes() {
        return counterLines * Counters.LINE_BYTES;
    }
}
