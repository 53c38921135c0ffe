package org.jvs.ebpf;

import org.jvs.core.wire.Ip;

/// The fields of the headers that a packet's way looks at, each from the start of its own header.
/// Offsets and their sources are those of [Ip].
public final class Headers {
    private Headers() {}

    /// IEEE 802.3.
    public static final class Ethernet {
        public static final int BYTES = 14;
        public static final int IPV4 = 0x0800;
        public static final int IPV6 = 0x86dd;

        /// The first four octets.
        public static final Field DESTINATION = Field.be32("destination", 0);

        /// The other two.
        public static final Field DESTINATION_END = Field.be16("destination+4", 4);

        public static final Field SOURCE = Field.be32("source", 6);
        public static final Field SOURCE_END = Field.be16("source+4", 10);
        public static final Field TYPE = Field.be16("type", 12);

        private Ethernet() {}
    }

    /// RFC 791.
    public static final class Ipv4 {
        public static final int BYTES = Ip.V4_HEADER;

        /// Version, and the header's length in words.
        public static final Field VERSION = Field.u8("version", 0);

        public static final Field TOS = Field.u8("tos", Ip.V4_TOS);
        public static final Field TOTAL_LENGTH = Field.be16("total length", Ip.V4_TOTAL_LENGTH);
        public static final Field ID = Field.be16("id", Ip.V4_ID);
        public static final Field FRAGMENT = Field.be16("fragment", Ip.V4_FRAGMENT);
        public static final Field TTL = Field.u8("ttl", Ip.V4_TTL);
        public static final Field PROTOCOL = Field.u8("protocol", Ip.V4_PROTOCOL);
        public static final Field CHECKSUM = Field.be16("checksum", Ip.V4_CHECKSUM);
        public static final Field SOURCE = Field.be32("source", Ip.V4_SOURCE);
        public static final Field DESTINATION = Field.be32("destination", Ip.V4_DESTINATION);

        private Ipv4() {}
    }

    /// RFC 8200. Addresses are given by their first word.
    public static final class Ipv6 {
        public static final int BYTES = Ip.V6_HEADER;

        /// Version, traffic class and flow label.
        public static final Field VERSION = Field.be32("version", 0);

        public static final Field PAYLOAD_LENGTH =
                Field.be16("payload length", Ip.V6_PAYLOAD_LENGTH);
        public static final Field NEXT_HEADER = Field.u8("next header", Ip.V6_NEXT_HEADER);
        public static final Field HOP_LIMIT = Field.u8("hop limit", Ip.V6_HOP_LIMIT);
        public static final Field SOURCE = Field.be32("source", Ip.V6_SOURCE);
        public static final Field DESTINATION = Field.be32("destination", Ip.V6_DESTINATION);

        private Ipv6() {}
    }

    /// What TCP, UDP and SCTP begin with.
    public static final class Ports {
        public static final int BYTES = 4;
        public static final Field SOURCE = Field.be16("source port", 0);
        public static final Field DESTINATION = Field.be16("destination port", 2);

        private Ports() {}
    }

    /// RFC 9293.
    public static final class Tcp {
        public static final int BYTES = Ip.TCP_HEADER;
        public static final Field FLAGS = Field.u8("flags", Ip.TCP_FLAGS);
        public static final Field CHECKSUM = Field.be16("checksum", Ip.TCP_CHECKSUM);

        private Tcp() {}
    }

    /// RFC 768.
    public static final class Udp {
        public static final int BYTES = Ip.UDP_HEADER;
        public static final Field CHECKSUM = Field.be16("checksum", Ip.UDP_CHECKSUM);

        private Udp() {}
    }

    /// RFC 792 and RFC 4443.
    public static final class Icmp {
        public static final int BYTES = Ip.ICMP_HEADER;
        public static final Field TYPE = Field.u8("type", 0);
        public static final Field CODE = Field.u8("code", Ip.ICMP_CODE);
        public static final Field CHECKSUM = Field.be16("checksum", Ip.ICMP_CHECKSUM);

        private Icmp() {}
    }
}
