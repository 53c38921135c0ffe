package org.jvs.core.proc;

import java.util.HexFormat;
import org.jvs.core.net.Address;

/** Numbers and addresses in the columns of the kernel's files. */
final class Hex {
    private static final HexFormat UPPER = HexFormat.of().withUpperCase();
    private static final HexFormat LOWER = HexFormat.of();

    private Hex() {}

    /** Four upper-case digits. */
    static String port(int port) {
        return UPPER.toHexDigits((short) port);
    }

    /** Eight upper-case digits. */
    static String word(int value) {
        return UPPER.toHexDigits(value);
    }

    /** Upper-case digits without leading zeros, right-aligned. */
    static String number(long value, int width) {
        String digits = Long.toHexString(value).toUpperCase(java.util.Locale.ROOT);
        return " ".repeat(Math.max(0, width - digits.length())) + digits;
    }

    /** IPv4 as eight upper-case digits, IPv6 as eight lower-case groups of four. */
    static String address(Address address) {
        if (!address.isIpv6()) {
            return word((int) address.lo());
        }
        String digits = LOWER.toHexDigits(address.hi()) + LOWER.toHexDigits(address.lo());
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 32; i += 4) {
            text.append(i == 0 ? "" : ":").append(digits, i, i + 4);
        }
        return text.toString();
    }

    /** As {@link #address}, IPv6 in brackets, with the port. */
    static String endpoint(Address address, int port) {
        String host = address(address);
        return (address.isIpv6() ? "[" + host + "]" : host) + ":" + port(port);
    }

    /** Left-aligned text. */
    static String left(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
