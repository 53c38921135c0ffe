package org.jvs.cli.ipvsadm;

/** Numbers as the C library's {@code strtol}, {@code atoi} and {@code inet_aton} read them. */
final class Numbers {
    private Numbers() {}

    /** A whole decimal number within bounds, or -1: leading blanks and a sign are allowed. */
    static int decimal(String text, int min, int max) {
        long value = signed(text);
        return value < min || value > max ? -1 : (int) value;
    }

    /**
     * A whole decimal number with optional leading blanks and sign; Long.MIN_VALUE if it is none or
     * too long.
     */
    static long signed(String text) {
        int i = 0;
        while (i < text.length() && isSpace(text.charAt(i))) {
            i++;
        }
        boolean negative = false;
        if (i < text.length() && (text.charAt(i) == '-' || text.charAt(i) == '+')) {
            negative = text.charAt(i++) == '-';
        }
        if (i == text.length()) {
            return Long.MIN_VALUE;
        }
        long value = 0;
        for (; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || value > Long.MAX_VALUE / 10 - 1) {
                return Long.MIN_VALUE;
            }
            value = value * 10 + digit;
        }
        return negative ? -value : value;
    }

    /** {@code atoi}: what leads the text, 0 if no digit does. */
    static int leading(String text) {
        int i = 0;
        while (i < text.length() && isSpace(text.charAt(i))) {
            i++;
        }
        boolean negative = false;
        if (i < text.length() && (text.charAt(i) == '-' || text.charAt(i) == '+')) {
            negative = text.charAt(i++) == '-';
        }
        long value = 0;
        for (; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                break;
            }
            // strtol saturates at a long, and atoi keeps its low half
            value = value > Long.MAX_VALUE / 10 - 1 ? Long.MAX_VALUE : value * 10 + digit;
        }
        return (int) (negative ? -value : value);
    }

    /**
     * {@code inet_aton}: one to four parts, each decimal, octal (leading 0) or hexadecimal (0x),
     * the last filling the rest; anything may follow after a blank.
     *
     * @return the 32 bits, or -1
     */
    static long inetAton(String text) {
        long bits = 0;
        int parts = 0;
        int i = 0;
        while (true) {
            if (i >= text.length() || !isDigit(text.charAt(i), 10)) {
                return -1;
            }
            int radix = 10;
            if (text.charAt(i) == '0') {
                i++;
                radix = 8;
                if (i < text.length() && (text.charAt(i) | 0x20) == 'x') {
                    i++;
                    radix = 16;
                    if (i >= text.length() || !isDigit(text.charAt(i), 16)) {
                        return -1;
                    }
                }
            }
            long value = 0;
            while (i < text.length() && isDigit(text.charAt(i), radix)) {
                value = value * radix + Character.digit(text.charAt(i++), 16);
                if (value > 0xffffffffL) {
                    return -1;
                }
            }
            boolean dot = i < text.length() && text.charAt(i) == '.';
            if (dot) {
                if (parts == 3 || value > 255) {
                    return -1;
                }
                bits = bits << 8 | value;
                parts++;
                i++;
                continue;
            }
            if (i < text.length() && !isSpace(text.charAt(i))) {
                return -1;
            }
            int left = 32 - 8 * parts;
            return value >>> left != 0 ? -1 : bits << left | value;
        }
    }

    private static boolean isDigit(char c, int radix) {
        return c < 128 && Character.digit(c, radix) >= 0;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }

    /** Whether there is nothing but digits, as in an empty text. */
    static boolean isAllDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }
}
