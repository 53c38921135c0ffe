package org.jvs.linux;

/// An Ethernet address: 48 bits, the first octet on the wire in the most significant byte.
///
/// @param bits the address in the low 48 bits
public record MacAddress(long bits) {
    /// Rejects bits above the 48th.
    public MacAddress {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException("a MAC address has 48 bits");
        }
    }

    /// An address from its six octets in wire order.
    public static MacAddress ofBytes(byte[] octets) {
        if (octets.length != 6) {
            throw new IllegalArgumentException("a MAC address has 6 bytes, not " + octets.length);
        }
        long bits = 0;
        for (byte octet : octets) {
            bits = bits << 8 | octet & 0xff;
        }
        return new MacAddress(bits);
    }

    /// Parses `02:00:00:00:00:01`.
    ///
    /// @throws IllegalArgumentException naming the text
    public static MacAddress parse(String text) {
        String[] parts = text.split(":", -1);
        long bits = 0;
        boolean good = parts.length == 6;
        for (String part : parts) {
            if (!good || part.isEmpty() || part.length() > 2) {
                good = false;
                break;
            }
            try {
                bits = bits << 8 | Integer.parseInt(part, 16);
            } catch (NumberFormatException e) {
                good = false;
            }
        }
        if (!good) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a MAC address such as 02:00:00:00:00:01");
        }
        return new MacAddress(bits);
    }

    /// The six octets in wire order.
    public byte[] toBytes() {
        byte[] octets = new byte[6];
        for (int i = 0; i < 6; i++) {
            octets[i] = (byte) (bits >>> 40 - 8 * i);
        }
        return octets;
    }

    /// Whether the group bit is set.
    public boolean isMulticast() {
        return (bits >>> 40 & 1) != 0;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(17);
        for (int shift = 40; shift >= 0; shift -= 8) {
            int octet = (int) (bits >>> shift & 0xff);
            text.append(shift == 40 ? "" : ":");
            text.append(Character.forDigit(octet >>> 4, 16));
            text.append(Character.forDigit(octet & 15, 16));
        }
        return text.toString();
    }
}
