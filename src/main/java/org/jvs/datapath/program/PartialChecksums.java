package org.jvs.datapath.program;

import org.jvs.core.net.Protocol;
import org.jvs.ebpf.Checksums;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.Headers.Ipv4;
import org.jvs.ebpf.Headers.Tcp;
import org.jvs.ebpf.Headers.Udp;
import org.jvs.ebpf.Var;

/// Packets whose checksum the sender left to a device that never was (`PartialChecksum`): the field
/// holds the sum of the pseudo header, and the Java engine completes it. A field that holds that by
/// chance goes up too, and comes out as it was.
final class PartialChecksums {
    private PartialChecksums() {}

    /// Sends packets with a partial checksum up; uses [Way#a] to [Way#c].
    static void goUp(Way way, Network network, int protocol) {
        way.code.note("a checksum that its sender left unfinished is finished by the Java engine");
        boolean tcp = protocol == Protocol.TCP;
        Var sum = way.a;
        Var word = way.b;
        // in the order of memory, which does not matter for such sums (RFC 1071)
        network.length(way, sum).sub(network.headerBytes()).toNetwork(16);
        sum.raw().add(protocol << 8);
        int from = network.isIpv6() ? 8 : Ipv4.SOURCE.offset();
        int bytes = network.isIpv6() ? 32 : 8;
        for (int at = 0; at < bytes; at += 4) {
            sum.add(word.load(network.ip(way), Field.u32("address+" + at, from + at)));
        }
        Checksums.fold(sum, word);
        word.load(network.transport(way), tcp ? Tcp.CHECKSUM : Udp.CHECKSUM).raw();
        way.code.when(word.eq(sum), way.up);
    }
}
