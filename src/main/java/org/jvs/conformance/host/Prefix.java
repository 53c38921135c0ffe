package org.jvs.conformance.host;

import org.jvs.core.net.Address;
import org.jvs.core.net.Family;

/** A block of addresses: those that begin with the first {@code bits} bits of one. */
public record Prefix(Address address, int bits) {
    /** Reads {@code address}, {@code address/bits} or {@code default}. */
    public static Prefix parse(String text, Family family) {
        if (text.equals("default") || text.equals("all")) {
            return new Prefix(Address.any(family), 0);
        }
        int slash = text.indexOf('/');
        Address address = Address.parse(slash < 0 ? text : text.substring(0, slash));
        int bits =
                slash < 0 ? address.family().bits() : Integer.parseInt(text.substring(slash + 1));
        return new Prefix(address, bits);
    }

    /** Whether an address lies in it. */
    public boolean contains(Address other) {
        return other.family() == address.family() && commonBits(address, other) >= bits;
    }

    /** How many leading bits two addresses of one family share. */
    public static int commonBits(Address one, Address two) {
        byte[] left = one.toBytes();
        byte[] right = two.toBytes();
        for (int i = 0; i < left.length; i++) {
            int difference = (left[i] ^ right[i]) & 0xff;
            if (difference != 0) {
                return i * 8 + Integer.numberOfLeadingZeros(difference) - 24;
            }
        }
        return left.length * 8;
    }
}
