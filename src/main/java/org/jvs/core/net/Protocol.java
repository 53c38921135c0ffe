package org.jvs.core.net;

/** IP protocol numbers (IANA), as plain ints because packets are compared with them. */
public final class Protocol {
    /** Also "any protocol": templates of firewall marks and of port-0 services carry it. */
    public static final int IP = 0;

    public static final int ICMP = 1;
    public static final int IPIP = 4;
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int IPV6 = 41;
    public static final int GRE = 47;
    public static final int ESP = 50;
    public static final int AH = 51;
    public static final int ICMPV6 = 58;
    public static final int SCTP = 132;

    private Protocol() {}

    /**
     * The kernel's name of a protocol in IPVS listings: {@code TCP}, {@code UDP}, {@code SCTP},
     * {@code IP}.
     */
    public static String name(int protocol) {
        return switch (protocol) {
            case IP -> "IP";
            case ICMP -> "ICMP";
            case TCP -> "TCP";
            case UDP -> "UDP";
            case SCTP -> "SCTP";
            case AH -> "AH";
            case ESP -> "ESP";
            case ICMPV6 -> "ICMPv6";
            default -> "IP_" + protocol;
        };
    }
}
