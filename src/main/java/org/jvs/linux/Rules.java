package org.jvs.linux;

import static org.jvs.linux.NetlinkMessage.FLAG_ACK;
import static org.jvs.linux.NetlinkMessage.FLAG_CREATE;
import static org.jvs.linux.NetlinkMessage.FLAG_DUMP;
import static org.jvs.linux.NetlinkMessage.FLAG_EXCL;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import org.jvs.core.net.Family;

/// Policy routing rules of one namespace (`ip rule`), as far as [Rule] can say them.
public final class Rules {
    private static final int ACTION_TO_TABLE = 1;

    private final NetlinkSocket socket;

    Rules(NetlinkSocket socket) {
        this.socket = socket;
    }

    /// The rules of a family that ask for a source address; others are left out.
    ///
    /// @throws LinuxException EOPNOTSUPP if this kernel has no policy routing for the family
    public List<Rule> list(Family family) {
        NetlinkMessage request =
                new NetlinkMessage(Rtnl.GETRULE, FLAG_DUMP).u8(family.number()).u8(0).u16(0).u32(0);
        request.u32(0);
        return socket.dump("list rules", request).stream()
                .filter(m -> m.type() == Rtnl.NEWRULE)
                .map(m -> Rule.parse(m.payload()))
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
    }

    /// Adds a rule; it takes effect on connections that exist, too.
    ///
    /// @throws LinuxException EEXIST if it is there already, EOPNOTSUPP without policy routing
    public void add(Rule rule) {
        socket.request(
                "add rule for " + rule.source(),
                message(Rtnl.NEWRULE, FLAG_ACK | FLAG_CREATE | FLAG_EXCL, rule));
    }

    /// @throws LinuxException ENOENT if there is no such rule
    public void delete(Rule rule) {
        socket.request("delete rule for " + rule.source(), message(Rtnl.DELRULE, FLAG_ACK, rule));
    }

    private static NetlinkMessage message(int type, int flags, Rule rule) {
        NetlinkMessage message =
                new NetlinkMessage(type, flags)
                        .u8(rule.source().family().number())
                        .u8(0)
                        .u8(rule.source().family().bits())
                        .u8(0)
                        .u8(rule.table() < 256 ? rule.table() : 0)
                        .u16(0)
                        .u8(ACTION_TO_TABLE)
                        .u32(0)
                        .attr(Rule.FRA_SRC, rule.source())
                        // what the host itself sends, not what it routes; and not what it would
                        // answer, about which strict reverse path filtering asks
                        .attr(Rule.FRA_IIFNAME, "lo")
                        .attrU32(Rule.FRA_PRIORITY, rule.priority())
                        .attrU32(Rule.FRA_TABLE, rule.table())
                        .attrU8(Rule.FRA_PROTOCOL, rule.owner())
                        .attrU8(Rule.FRA_IP_PROTO, rule.ipProtocol());
        if (rule.sourcePort() != 0) {
            // struct fib_rule_port_range: first and last, in host order
            ByteBuffer range = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder());
            range.putShort((short) rule.sourcePort()).putShort((short) rule.sourcePort());
            message.attr(Rule.FRA_SPORT_RANGE, range.array());
        }
        return message;
    }
}
