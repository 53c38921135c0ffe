package org.jvs.cli.ipvsadm;

import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;

/**
 * A {@code host[:port]} of the command line, with ipvsadm's habits: a bare number is no host, an
 * IPv6 address in brackets must have a port and outside them cannot have one, and an IPv4 host in
 * brackets loses its port.
 */
record Endpoint(Address address, int port, boolean hasPort) {
    /**
     * Parses a host and port.
     *
     * @param protocol under which service names are looked up
     * @return null where ipvsadm would call the text illegal
     */
    static @Nullable Endpoint parse(String text, int protocol, Names names) {
        if (Numbers.isAllDigits(text)) {
            return null;
        }
        String host = text;
        String port = null;
        if (text.charAt(0) == '[') {
            int end = text.indexOf(']');
            if (end < 0 || end + 1 >= text.length() || text.charAt(end + 1) != ':') {
                return null;
            }
            host = text.substring(1, end);
            port = text.substring(end + 2);
        }
        Address address = host.indexOf(':') < 0 ? null : Address.tryParse(host);
        if (address == null) {
            int colon = host.lastIndexOf(':');
            port = colon < 0 ? null : host.substring(colon + 1);
            address = ipv4(colon < 0 ? host : host.substring(0, colon), names);
        }
        if (address == null) {
            return null;
        }
        if (port == null) {
            return new Endpoint(address, 0, false);
        }
        int number = Numbers.decimal(port, 0, 65535);
        if (number < 0) {
            String family = protocolName(protocol);
            number = family == null ? -1 : names.servicePort(port, family);
        }
        return number < 0 ? null : new Endpoint(address, number, true);
    }

    /** An IPv4 address in any of the C library's notations, or of a host name; null if neither. */
    static @Nullable Address ipv4(String host, Names names) {
        long bits = Numbers.inetAton(host);
        if (bits >= 0) {
            return Address.ipv4((int) bits);
        }
        return host.isEmpty() ? null : names.hostAddress(host);
    }

    /** The name of a protocol in services(5), or null. */
    static @Nullable String protocolName(int protocol) {
        return switch (protocol) {
            case Protocol.TCP -> "tcp";
            case Protocol.UDP -> "udp";
            case Protocol.SCTP -> "sctp";
            default -> null;
        };
    }

    /** A port as listed: its service's name, or the number. */
    static String portName(int port, int protocol, Names names) {
        String family = protocolName(protocol);
        String name = family == null ? null : names.serviceName(port, family);
        return name == null ? Integer.toString(port) : name;
    }

    /** {@code host:port} as listed; ipvsadm's buffer holds 59 characters. */
    static String format(Address address, int port, int protocol, boolean numeric, Names names) {
        String host = numeric ? null : names.hostName(address);
        StringBuilder text = new StringBuilder(60);
        if (address.isIpv6()) {
            text.append('[').append(host == null ? address.toString() : host).append(']');
        } else {
            text.append(host == null ? address.toString() : host);
        }
        text.append(':');
        if (numeric) {
            text.append(port);
        } else {
            text.append(portName(port, protocol, names));
        }
        if (text.length() > 59) {
            text.setLength(59);
        }
        return text.toString();
    }
}
