package org.jvs.linux;

import org.jvs.core.net.Address;
import org.jvs.core.net.Family;

/// An address with a prefix length, as an interface carries it (`10.0.0.1/24`) or a route names it.
/// Host bits are kept.
public record Prefix(Address address, int length) {
    /// Rejects a length the family does not have.
    public Prefix {
        if (length < 0 || length > address.family().bits()) {
            throw new IllegalArgumentException(
                    "prefix length "
                            + length
                            + " of "
                            + address
                            + " is not in 0.."
                            + address.family().bits());
        }
    }

    /// Parses `address/length`; without a length it is a single host.
    public static Prefix parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return host(Address.parse(text));
        }
        try {
            return new Prefix(
                    Address.parse(text.substring(0, slash)),
                    Integer.parseInt(text.substring(slash + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not address/length", e);
        }
    }

    /// The single address, /32 or /128.
    public static Prefix host(Address address) {
        return new Prefix(address, address.family().bits());
    }

    /// Everything of a family: the default route's destination.
    public static Prefix any(Family family) {
        return new Prefix(Address.any(family), 0);
    }

    public Family family() {
        return address.family();
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
