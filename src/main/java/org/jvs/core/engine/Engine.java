package org.jvs.core.engine;

import java.util.concurrent.atomic.AtomicLongArray;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.net.Protocol;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Control;
import org.jvs.core.table.Found;
import org.jvs.core.wire.Ip;
import org.jvs.core.wire.Packet;
import org.jvs.core.wire.Reason;
import org.jvs.core.wire.Rewrite;

/**
 * The way of a packet through a director: parse, find the connection, else schedule one, count,
 * move the state, rewrite. It does what the kernel's IPVS does at LOCAL_IN and FORWARD
 * (ip_vs_core.c), on bytes, without I/O, clock or allocation. One thread at a time.
 */
public final class Engine {
    private static final int IKE_PORT = 500;

    private final Director director;

    /** Nobody reads it; it keeps the reads of {@link #expect}. */
    @SuppressWarnings("UnusedVariable")
    private long announced;

    private final Found found = new Found();
    private final Tracker tracker;
    private final Dispatcher dispatcher;
    private final Forwarder forwarder;
    private final IcmpRelay icmp;
    private final AtomicLongArray reasons = new AtomicLongArray(Reason.values().length);
    private final AtomicLongArray verdicts = new AtomicLongArray(Verdict.values().length);

    Engine(Director director) {
        this.director = director;
        this.tracker = new Tracker(director);
        this.forwarder = new Forwarder(director);
        this.dispatcher = new Dispatcher(director, tracker);
        this.icmp = new IcmpRelay(director, tracker, dispatcher, forwarder);
    }

    /** How often a reason was given since the start. */
    public long count(Reason reason) {
        return reasons.get(reason.number());
    }

    /** How many packets got a verdict since the start. */
    public long count(Verdict verdict) {
        return verdicts.get(verdict.number());
    }

    /** Counts a reason that arose after the verdict: no route, no neighbour, a full ring. */
    public void note(Reason reason) {
        reasons.lazySet(reason.number(), reasons.getPlain(reason.number()) + 1);
    }

    /**
     * Decides what becomes of a packet and rewrites it.
     *
     * @param packet wrapped around the bytes, not yet parsed
     * @param nowMs the director's clock
     */
    public Verdict process(Packet packet, long nowMs) {
        Verdict verdict = decide(packet, nowMs);
        if (packet.fromHost && verdict == Verdict.PASS) {
            // what the host says to others than clients needs no reason
            packet.reason = Reason.NONE;
        }
        if (packet.reason != Reason.NONE) {
            note(packet.reason);
        }
        verdicts.lazySet(verdict.number(), verdicts.getPlain(verdict.number()) + 1);
        return verdict;
    }

    /**
     * Announces a packet that will soon be processed. What its connection's look-up needs is then
     * under way from memory while other packets are announced or processed: with a batch announced
     * first, a packet among many connections costs little more than one among few. Changes nothing.
     *
     * @param packet wrapped anew; to be wrapped again for {@link #process}
     */
    public void expect(Packet packet) {
        if (!packet.glance()) {
            return;
        }
        ConnectionTable table = packet.isIpv6() ? director.ipv6 : director.ipv4;
        announced +=
                mayBeReply(packet)
                        ? table.touchLines(
                                packet.destinationHi(),
                                packet.destinationLo(),
                                packet.destinationPort(),
                                packet.protocol())
                        : table.touchLines(
                                packet.sourceHi(),
                                packet.sourceLo(),
                                packet.sourcePort(),
                                packet.protocol());
    }

    private Verdict decide(Packet packet, long nowMs) {
        if (director.configuration.services.size() == 0) {
            // without services the kernel unhooks IPVS altogether; connections stay, but their
            // packets are the host's
            packet.reason = Reason.NO_SERVICE;
            return Verdict.PASS;
        }
        Reason bad = packet.parse();
        if (bad != Reason.NONE) {
            packet.reason = bad;
            return Verdict.PASS;
        }
        if (packet.isFragment()) {
            return fragment(packet);
        }
        ConnectionTable table = packet.isIpv6() ? director.ipv6 : director.ipv4;
        return switch (packet.protocol()) {
            case Protocol.TCP, Protocol.UDP -> transport(packet, table, nowMs);
            case Protocol.ICMP ->
                    packet.isIpv6()
                            ? pass(packet, Reason.NONE)
                            : icmp.process(packet, table, nowMs);
            case Protocol.ICMPV6 ->
                    packet.isIpv6()
                            ? icmp.process(packet, table, nowMs)
                            : pass(packet, Reason.NONE);
            case Protocol.ESP, Protocol.AH -> ipsec(packet, table, (int) nowMs);
            default -> pass(packet, Reason.NONE);
        };
    }

    private Verdict fragment(Packet packet) {
        boolean ours =
                director.configuration.virtuals.mayContain(
                                packet.destinationHi(), packet.destinationLo())
                        || mayBeReply(packet);
        return ours ? drop(packet, Reason.FRAGMENT) : pass(packet, Reason.NONE);
    }

    private boolean mayBeReply(Packet packet) {
        return director.configuration.realservers.mayContain(packet.sourceHi(), packet.sourceLo());
    }

    private Verdict transport(Packet packet, ConnectionTable table, long nowMs) {
        int now = (int) nowMs;
        boolean mayBeReply = mayBeReply(packet);
        if (mayBeReply) {
            int slot =
                    table.findReply(
                            packet.destinationHi(),
                            packet.destinationLo(),
                            packet.destinationPort(),
                            packet.isIpv6(),
                            packet.sourceHi(),
                            packet.sourceLo(),
                            packet.sourcePort(),
                            packet.protocol(),
                            now,
                            found);
            if (slot >= 0 && isNat(found.destination())) {
                return reply(packet, table, now);
            }
        }
        Verdict verdict = request(packet, table, nowMs);
        if (verdict == Verdict.PASS && mayBeReply && director.settings.natIcmpSend()) {
            return refuseStray(packet, now);
        }
        return verdict;
    }

    private boolean isNat(int line) {
        return director.destinations.method(line) == ForwardingMethod.NAT.number();
    }

    /** A packet from a realserver to a client. */
    private Verdict reply(Packet packet, ConnectionTable table, int now) {
        Verdict early = forwarder.checkReply(packet, now);
        if (early != null) {
            return early;
        }
        int line = found.destination();
        int length = packet.length();
        Verdict verdict = forwarder.reply(packet, found);
        tracker.countOut(line, length);
        tracker.observe(table, found, packet, true, now);
        return verdict;
    }

    /** With nat_icmp_send a realserver is told that its packet belongs to no connection. */
    private Verdict refuseStray(Packet packet, int now) {
        boolean reset = packet.protocol() == Protocol.TCP && (packet.tcpFlags() & Ip.RST) != 0;
        if (reset
                || !director.configuration.isRealserver(
                        packet.protocol(),
                        packet.sourceHi(),
                        packet.sourceLo(),
                        packet.sourcePort())) {
            return Verdict.PASS;
        }
        if (!director.host.isLocal(
                packet.isIpv6(), packet.destinationHi(), packet.destinationLo())) {
            if (packet.ttl() <= 1) {
                // the host has something else to say about it
                return Verdict.PASS;
            }
            Rewrite.decrementTtl(packet);
        }
        return forwarder.portUnreachable(packet, Reason.NO_CONNECTION, now);
    }

    /** A packet from a client to a virtual address. */
    private Verdict request(Packet packet, ConnectionTable table, long nowMs) {
        int now = (int) nowMs;
        int slot =
                table.find(
                        packet.sourceHi(),
                        packet.sourceLo(),
                        packet.sourcePort(),
                        packet.destinationHi(),
                        packet.destinationLo(),
                        packet.destinationPort(),
                        packet.protocol(),
                        ConnectionTable.CONNECTION,
                        now,
                        found);
        // from here on another writer may give the slot away: what counts is what was found
        long word = found.word();
        if (slot >= 0 && isReuse(packet, word)) {
            table.remove(found);
            slot = ConnectionTable.NONE;
        }
        if (slot >= 0 && !director.destinations.isAvailable(Control.destination(word))) {
            if (!director.settings.expireNodestConn()) {
                return drop(packet, Reason.DESTINATION_GONE);
            }
            table.remove(found);
            slot = ConnectionTable.NONE;
        }
        int line;
        int port;
        if (slot >= 0) {
            line = Control.destination(word);
            port = found.destinationPort();
            tracker.countIn(line, packet.length());
            tracker.observe(table, found, packet, false, now);
        } else {
            slot = dispatcher.schedule(packet, table, nowMs);
            if (slot < 0) {
                return refuse(packet, slot, now);
            }
            line = dispatcher.destination();
            port = dispatcher.port();
            tracker.countIn(line, packet.length());
        }
        Verdict verdict = forwarder.forward(packet, line, port, now);
        if (verdict == Verdict.REPLY && !isNat(line)) {
            // An ICMP error of this machine is about a packet between client and virtual address.
            // Where nothing is translated, the kernel takes it for one of the connection's own.
            tracker.countOut(line, packet.length());
        }
        return verdict;
    }

    /** Carries out what the dispatcher decided instead of a connection. */
    private Verdict refuse(Packet packet, int decision, int now) {
        return switch (decision) {
            case Dispatcher.ONE_PACKET -> {
                int line = dispatcher.destination();
                tracker.countConnection(line);
                tracker.countIn(line, packet.length());
                yield forwarder.forward(packet, line, dispatcher.port(), now);
            }
            case Dispatcher.REFUSED -> forwarder.portUnreachable(packet, packet.reason, now);
            case Dispatcher.DROPPED -> Verdict.DROP;
            default -> Verdict.PASS;
        };
    }

    /**
     * Whether a SYN on an existing entry starts a new connection: the client reuses its port
     * (conn_reuse_mode), or with expire_nodest_conn the destination was quiesced.
     */
    private boolean isReuse(Packet packet, long word) {
        if (packet.protocol() != Protocol.TCP || (packet.tcpFlags() & Ip.SYN) == 0) {
            return false;
        }
        if (director.settings.expireNodestConn()
                && director.destinations.weight(Control.destination(word)) == 0) {
            return true;
        }
        return tracker.isReusable(word);
    }

    /** ESP and AH follow the IKE exchange between the same hosts (ip_vs_proto_ah_esp.c). */
    private Verdict ipsec(Packet packet, ConnectionTable table, int now) {
        if (mayBeReply(packet)) {
            int slot =
                    table.findReply(
                            packet.destinationHi(),
                            packet.destinationLo(),
                            IKE_PORT,
                            packet.isIpv6(),
                            packet.sourceHi(),
                            packet.sourceLo(),
                            IKE_PORT,
                            Protocol.UDP,
                            now,
                            found);
            if (slot >= 0 && isNat(found.destination())) {
                return reply(packet, table, now);
            }
        }
        int slot =
                table.find(
                        packet.sourceHi(),
                        packet.sourceLo(),
                        IKE_PORT,
                        packet.destinationHi(),
                        packet.destinationLo(),
                        IKE_PORT,
                        Protocol.UDP,
                        ConnectionTable.CONNECTION,
                        now,
                        found);
        if (slot < 0) {
            return pass(packet, Reason.NONE);
        }
        int line = found.destination();
        if (!director.destinations.isAvailable(line)) {
            return drop(packet, Reason.DESTINATION_GONE);
        }
        tracker.countIn(line, packet.length());
        table.touch(found, now);
        return forwarder.forward(packet, line, 0, now);
    }

    static Verdict pass(Packet packet, Reason reason) {
        packet.reason = reason;
        return Verdict.PASS;
    }

    static Verdict drop(Packet packet, Reason reason) {
        packet.reason = reason;
        return Verdict.DROP;
    }
}
