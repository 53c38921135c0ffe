package org.jvs.core.net;

import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address as two words. An IPv6 address is {@code hi} (first eight bytes on the
 * wire) and {@code lo} (last eight); an IPv4 address has {@code hi == 0} and its 32 bits in the low
 * half of {@code lo}, most significant byte first, so that 10.0.0.1 is {@code 0x0a000001}. The
 * packet path carries the same two words without this object.
 */
public record Address(Family family, long hi, long lo) implements Comparable<Address> {
    /** Rejects an IPv4 address with bits above the 32nd. */
    public Address {
        if (family == Family.IPV4 && (hi != 0 || lo >>> 32 != 0)) {
            throw new IllegalArgumentException("an IPv4 address has 32 bits");
        }
    }

    /** An IPv4 address from its 32 bits, most significant byte first. */
    public static Address ipv4(int bits) {
        return new Address(Family.IPV4, 0, bits & 0xffffffffL);
    }

    /** An IPv6 address from its two halves. */
    public static Address ipv6(long hi, long lo) {
        return new Address(Family.IPV6, hi, lo);
    }

    /** The all-zero address of a family. */
    public static Address any(Family family) {
        return new Address(family, 0, 0);
    }

    /**
     * An address from its bytes in network order.
     *
     * @throws IllegalArgumentException if there are neither 4 nor 16 of them
     */
    public static Address ofBytes(byte[] bytes) {
        return switch (bytes.length) {
            case 4 -> new Address(Family.IPV4, 0, word(bytes, 0, 4));
            case 16 -> new Address(Family.IPV6, word(bytes, 0, 8), word(bytes, 8, 8));
            default ->
                    throw new IllegalArgumentException(
                            "an address has 4 or 16 bytes, not " + bytes.length);
        };
    }

    private static long word(byte[] bytes, int from, int count) {
        long value = 0;
        for (int i = 0; i < count; i++) {
            value = value << 8 | bytes[from + i] & 0xff;
        }
        return value;
    }

    /** The 4 or 16 bytes in network order. */
    public byte[] toBytes() {
        byte[] bytes = new byte[family.bits() / 8];
        for (int i = 0; i < bytes.length; i++) {
            int fromEnd = bytes.length - 1 - i;
            bytes[i] = (byte) (fromEnd >= 8 ? hi >>> (fromEnd - 8) * 8 : lo >>> fromEnd * 8);
        }
        return bytes;
    }

    /** Whether this is an IPv6 address. */
    public boolean isIpv6() {
        return family == Family.IPV6;
    }

    /**
     * Parses dotted-quad IPv4 or RFC 4291 IPv6 text (no brackets, no zone, no host names).
     *
     * @throws IllegalArgumentException naming the text, if it is neither
     */
    public static Address parse(String text) {
        Address address = tryParse(text);
        if (address == null) {
            throw new IllegalArgumentException("'" + text + "' is not an IPv4 or IPv6 address");
        }
        return address;
    }

    /** As {@link #parse}, but null where the text is no address. */
    public static @Nullable Address tryParse(String text) {
        if (text.indexOf(':') >= 0) {
            return parseIpv6(text);
        }
        long bits = parseIpv4(text);
        return bits < 0 ? null : new Address(Family.IPV4, 0, bits);
    }

    private static long parseIpv4(String text) {
        long bits = 0;
        int position = 0;
        for (int part = 0; part < 4; part++) {
            int start = position;
            int value = 0;
            while (position < text.length()
                    && position - start < 3
                    && isDigit(text.charAt(position))) {
                value = value * 10 + text.charAt(position++) - '0';
            }
            boolean leadingZero = position - start > 1 && text.charAt(start) == '0';
            if (position == start || value > 255 || leadingZero) {
                return -1;
            }
            bits = bits << 8 | value;
            if (part < 3 && (position >= text.length() || text.charAt(position++) != '.')) {
                return -1;
            }
        }
        return position == text.length() ? bits : -1;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static @Nullable Address parseIpv6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return null;
        }
        int[] groups = new int[8];
        if (gap < 0) {
            return parseGroups(text, groups, 0) == 8 ? ofGroups(groups) : null;
        }
        int before = parseGroups(text.substring(0, gap), groups, 0);
        int[] tail = new int[8];
        int after = parseGroups(text.substring(gap + 2), tail, 0);
        if (before < 0 || after < 0 || before + after > 7) {
            return null;
        }
        System.arraycopy(tail, 0, groups, 8 - after, after);
        return ofGroups(groups);
    }

    /**
     * Parses colon-separated groups, the last of which may be dotted IPv4; the number of groups, or
     * -1.
     */
    private static int parseGroups(String text, int[] groups, int first) {
        if (text.isEmpty()) {
            return 0;
        }
        int count = first;
        int start = 0;
        while (true) {
            int end = text.indexOf(':', start);
            String group = end < 0 ? text.substring(start) : text.substring(start, end);
            if (end < 0 && group.indexOf('.') >= 0) {
                long bits = parseIpv4(group);
                if (bits < 0 || count > 6) {
                    return -1;
                }
                groups[count] = (int) (bits >>> 16);
                groups[count + 1] = (int) (bits & 0xffff);
                return count + 2;
            }
            if (count > 7 || group.isEmpty() || group.length() > 4) {
                return -1;
            }
            int value = 0;
            for (int i = 0; i < group.length(); i++) {
                char c = group.charAt(i);
                int digit = c < 128 ? Character.digit(c, 16) : -1;
                if (digit < 0) {
                    return -1;
                }
                value = value << 4 | digit;
            }
            groups[count++] = value;
            if (end < 0) {
                return count;
            }
            start = end + 1;
        }
    }

    private static Address ofGroups(int[] groups) {
        long hi = 0;
        long lo = 0;
        for (int i = 0; i < 4; i++) {
            hi = hi << 16 | groups[i];
            lo = lo << 16 | groups[i + 4];
        }
        return new Address(Family.IPV6, hi, lo);
    }

    /** Order by family, then as unsigned numbers. */
    @Override
    public int compareTo(Address other) {
        int order = family.compareTo(other.family);
        if (order == 0) {
            order = Long.compareUnsigned(hi, other.hi);
        }
        return order != 0 ? order : Long.compareUnsigned(lo, other.lo);
    }

    /** Dotted quad, or RFC 5952 text as {@code inet_ntop} prints it. */
    @Override
    public String toString() {
        if (family == Family.IPV4) {
            return (lo >>> 24)
                    + "."
                    + (lo >>> 16 & 255)
                    + "."
                    + (lo >>> 8 & 255)
                    + "."
                    + (lo & 255);
        }
        int[] groups = new int[8];
        for (int i = 0; i < 4; i++) {
            groups[i] = (int) (hi >>> (3 - i) * 16 & 0xffff);
            groups[i + 4] = (int) (lo >>> (3 - i) * 16 & 0xffff);
        }
        int bestStart = -1;
        int bestLength = 1;
        for (int i = 0; i < 8; ) {
            int length = 0;
            while (i + length < 8 && groups[i + length] == 0) {
                length++;
            }
            if (length > bestLength) {
                bestStart = i;
                bestLength = length;
            }
            i += Math.max(length, 1);
        }
        // inet_ntop writes ::a.b.c.d and ::ffff:a.b.c.d in dotted form
        boolean dotted =
                bestStart == 0 && (bestLength == 6 || bestLength == 5 && groups[5] == 0xffff);
        StringBuilder text = new StringBuilder(40);
        int end = dotted ? 6 : 8;
        for (int i = 0; i < end; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        if (dotted) {
            if (text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(ipv4((int) lo));
        }
        return text.toString();
    }
}
