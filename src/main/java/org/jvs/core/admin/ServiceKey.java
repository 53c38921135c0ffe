package org.jvs.core.admin;

import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;

/**
 * What names a virtual service: protocol, address and port, or a firewall mark and a family. For a
 * mark service {@code protocol} is {@link Protocol#IP}, the address is all zero and the port 0; for
 * any other {@code mark} is 0.
 *
 * @param port host order, 0 is "all ports"
 * @param mark an unsigned 32-bit firewall mark
 */
public record ServiceKey(Family family, int protocol, Address address, int port, int mark) {
    /** A service of an address and port. */
    public static ServiceKey virtual(int protocol, Address address, int port) {
        return new ServiceKey(address.family(), protocol, address, port, 0);
    }

    /** A service of a firewall mark. */
    public static ServiceKey ofMark(Family family, int mark) {
        return new ServiceKey(family, Protocol.IP, Address.any(family), 0, mark);
    }

    /** Whether the service is named by a firewall mark. */
    public boolean isMark() {
        return mark != 0;
    }

    /** As in {@code TCP 10.0.0.1:80}, {@code TCP [fd00::1]:80} or {@code FWM 5 IPv6}. */
    @Override
    public String toString() {
        if (isMark()) {
            return "FWM " + Integer.toUnsignedString(mark) + (family == Family.IPV6 ? " IPv6" : "");
        }
        String host = family == Family.IPV6 ? "[" + address + "]" : address.toString();
        return Protocol.name(protocol) + " " + host + ":" + port;
    }
}
