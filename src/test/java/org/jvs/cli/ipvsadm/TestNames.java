package org.jvs.cli.ipvsadm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The names on the machine where the recordings were made, as far as they are used. */
final class TestNames {
    private static final String HOSTS =
            """
            127.0.0.1  localhost
            ::1        localhost ip6-localhost   # both families
            10.10.1.100 vip.lab.test vip
            10.10.2.11 rs1.lab.test rs1
            10.10.2.12 rs2.lab.test rs2
            10.10.2.13 rs3.lab.test rs3
            fd00:10:1::100 vip6.lab.test vip6
            fd00:10:2::11 rs1-6.lab.test rs1-6
            """;

    private static final String SERVICES =
            """
            # as in Debian 12
            tcpmux   1/tcp                # TCP port service multiplexer
            discard  9/tcp    sink null
            discard  9/udp    sink null
            daytime  13/tcp
            qotd     17/tcp   quote
            ssh      22/tcp               # SSH Remote Login Protocol
            domain   53/tcp               # Domain Name Server
            domain   53/udp
            http     80/tcp   www         # WorldWideWeb HTTP
            https    443/tcp              # http protocol over TLS/SSL
            https    443/udp              # HTTP/3
            shell    514/tcp  cmd syslog  # no passwords used
            syslog   514/udp
            sip      5060/tcp             # Session Initiation Protocol
            sip      5060/udp
            sip-tls  5061/tcp
            sip-tls  5061/udp
            http-alt 8080/tcp webcache    # WWW caching service
            """;

    private TestNames() {}

    static Names of(Path directory) throws IOException {
        return new FileNames(
                Files.writeString(directory.resolve("hosts"), HOSTS),
                Files.writeString(directory.resolve("services"), SERVICES),
                false);
    }
}
