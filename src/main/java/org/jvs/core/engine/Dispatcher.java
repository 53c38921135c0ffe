package org.jvs.core.engine;

import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.net.Protocol;
import org.jvs.core.sched.Flow;
import org.jvs.core.sched.Scheduler;
import org.jvs.core.state.StateTimeouts;
import org.jvs.core.state.TcpState;
import org.jvs.core.table.ConnectionTable;
import org.jvs.core.table.Control;
import org.jvs.core.table.Destinations;
import org.jvs.core.table.Found;
import org.jvs.core.wire.Ip;
import org.jvs.core.wire.Packet;
import org.jvs.core.wire.Reason;

/**
 * Gives a destination to a packet that has no connection: finds the service, honours persistence,
 * asks the scheduler, enters the connection (ip_vs_schedule, ip_vs_sched_persist).
 */
final class Dispatcher {
    /** Decisions other than a slot. */
    static final int PASSED = -1;

    /** To be answered with "port unreachable": no destination for it. */
    static final int REFUSED = -2;

    static final int DROPPED = -3;

    /** To be forwarded without an entry. */
    static final int ONE_PACKET = -4;

    private static final int FTP_CONTROL = 21;
    private static final int FTP_DATA = 20;

    private final Director director;
    private final Tracker tracker;
    private static final Found NO_TEMPLATE = new Found();

    private final Found template = new Found();
    private final Found inserted = new Found();
    private final Destinations destinations;
    private int chosenLine;
    private int chosenPort;
    private int dropCounter;

    Dispatcher(Director director, Tracker tracker) {
        this.director = director;
        this.tracker = tracker;
        this.destinations = director.destinations;
    }

    /** The line of the destination last chosen: after a slot, or {@link #ONE_PACKET}. */
    int destination() {
        return chosenLine;
    }

    /** The port there. */
    int port() {
        return chosenPort;
    }

    /**
     * Schedules a packet from a client.
     *
     * @return the new entry's slot, or one of the decisions above with the packet's reason set
     */
    int schedule(Packet packet, ConnectionTable table, long nowMs) {
        if (packet.protocol() == Protocol.TCP) {
            int flags = packet.tcpFlags();
            boolean opens = (flags & Ip.SYN) != 0 || director.settings.sloppyTcp();
            if (!opens || (flags & Ip.RST) != 0) {
                return decide(packet, PASSED, Reason.NOT_SYN);
            }
        }
        return schedule(packet, packet, table, false, nowMs);
    }

    /**
     * Schedules for a flow that may differ from the packet: an ICMP error about it.
     *
     * @param flow from the client to the virtual address
     * @param icmp whether the packet is an ICMP error about a reply of the flow
     */
    int schedule(Packet packet, Flow flow, ConnectionTable table, boolean icmp, long nowMs) {
        boolean ipv6 = flow.isIpv6();
        Service service =
                director.configuration.services.find(
                        ipv6,
                        packet.mark,
                        flow.protocol(),
                        flow.destinationHi(),
                        flow.destinationLo(),
                        flow.destinationPort());
        if (service == null) {
            return decide(packet, PASSED, Reason.NO_SERVICE);
        }
        if (!director.host.isLocal(ipv6, packet.destinationHi(), packet.destinationLo())) {
            return decide(packet, PASSED, Reason.NOT_LOCAL);
        }
        if (!ipv6 && director.host.isLocal(false, 0, packet.sourceLo())) {
            // no connection for a source address that is ours; the host discards it (RFC 1812
            // section 5.3.7)
            return decide(packet, PASSED, Reason.MARTIAN);
        }
        if (isDroppedByDefence()) {
            return decide(packet, DROPPED, Reason.DROP_RATE);
        }
        if (flow.sourcePort() == FTP_DATA) {
            // data connections of active FTP come from the realserver, never from a scheduler
            return decide(packet, PASSED, Reason.NO_CONNECTION);
        }
        Service.View view = service.view();
        ServiceSpec spec = view.spec();
        if (spec.has(ServiceSpec.PERSISTENT)) {
            return schedulePersistent(packet, flow, view, table, icmp, nowMs);
        }
        if (!spec.key().isMark() && flow.destinationPort() != spec.key().port()) {
            return leave(packet, flow, spec, icmp);
        }
        int chosen = view.scheduler().pick(flow, view.destinations(), nowMs);
        if (chosen == Scheduler.NONE) {
            return leave(packet, flow, spec, icmp);
        }
        int line = view.destinations().id(chosen);
        int port = destinations.port(line) != 0 ? destinations.port(line) : flow.destinationPort();
        return connect(packet, flow, spec, table, line, port, NO_TEMPLATE, (int) nowMs);
    }

    private static int decide(Packet packet, int decision, Reason reason) {
        packet.reason = reason;
        return decision;
    }

    /**
     * drop_packet at its fixed setting: every am_droprate-th new connection goes (ip_vs_todrop).
     */
    private boolean isDroppedByDefence() {
        if (director.settings.dropPacket() != 3 || director.settings.amDroprate() <= 0) {
            return false;
        }
        if (--dropCounter > 0) {
            return false;
        }
        dropCounter = director.settings.amDroprate();
        return true;
    }

    /** No destination can take it (ip_vs_leave). */
    private static int leave(Packet packet, Flow flow, ServiceSpec spec, boolean icmp) {
        if (spec.key().port() == FTP_CONTROL && flow.destinationPort() != FTP_CONTROL) {
            // it only got here because it might have been FTP data
            return decide(packet, PASSED, Reason.NO_SERVICE);
        }
        return decide(packet, icmp ? DROPPED : REFUSED, Reason.NO_DESTINATION);
    }

    private int connect(
            Packet packet,
            Flow flow,
            ServiceSpec spec,
            ConnectionTable table,
            int line,
            int port,
            Found from,
            int now) {
        chosenLine = line;
        chosenPort = port;
        if (spec.has(ServiceSpec.ONE_PACKET) && flow.protocol() == Protocol.UDP) {
            return decide(packet, ONE_PACKET, Reason.NONE);
        }
        long flags = Control.INACTIVE;
        if (destinations.method(line) != ForwardingMethod.NAT.number()) {
            flags |= Control.NO_OUTPUT;
        }
        if (from != NO_TEMPLATE) {
            flags |= Control.CONTROLLED;
        }
        long control = Control.of(0, flags, line, StateTimeouts.NEW);
        if (flow == packet) {
            // enters with the state that its first packet gives it; one that only ICMP told of has
            // none
            control = tracker.after(control, packet, false);
        }
        int slot =
                table.insert(
                        flow.sourceHi(),
                        flow.sourceLo(),
                        flow.sourcePort(),
                        flow.destinationHi(),
                        flow.destinationLo(),
                        flow.destinationPort(),
                        flow.protocol(),
                        port,
                        control,
                        from,
                        now,
                        inserted);
        if (slot < 0) {
            return decide(packet, DROPPED, Reason.TABLE_FULL);
        }
        if (!inserted.isOwn()) {
            // another writer was faster, and may have chosen another destination; it has counted
            chosenLine = inserted.destination();
            chosenPort = inserted.destinationPort();
            if (flow == packet) {
                tracker.observe(table, inserted, packet, false, now);
            }
            return slot;
        }
        if (from != NO_TEMPLATE
                && flow.protocol() == Protocol.TCP
                && Control.state(control) == TcpState.ESTABLISHED) {
            Tracker.assureTemplate(table, inserted);
        }
        tracker.countConnection(line);
        return slot;
    }

    private int schedulePersistent(
            Packet packet,
            Flow flow,
            Service.View view,
            ConnectionTable table,
            boolean icmp,
            long nowMs) {
        ServiceSpec spec = view.spec();
        int now = (int) nowMs;
        boolean ownPort = !spec.key().isMark() && flow.destinationPort() == spec.key().port();
        boolean forPort = ownPort && spec.key().port() != FTP_CONTROL;
        boolean forMark = spec.key().isMark();
        int protocol = forMark ? Protocol.IP : flow.protocol();
        long virtualHi = forMark ? markHi(spec, flow.isIpv6()) : flow.destinationHi();
        long virtualLo = forMark ? markLo(spec, flow.isIpv6()) : flow.destinationLo();
        int virtualPort = forPort ? flow.destinationPort() : 0;
        long clientHi = maskHi(flow, spec.netmask());
        long clientLo = maskLo(flow, spec.netmask());
        int slot =
                table.find(
                        clientHi,
                        clientLo,
                        0,
                        virtualHi,
                        virtualLo,
                        virtualPort,
                        protocol,
                        ConnectionTable.TEMPLATE,
                        now,
                        template);
        int line;
        if (slot >= 0 && isUsable(table)) {
            line = template.destination();
        } else {
            int chosen = view.scheduler().pick(flow, view.destinations(), nowMs);
            if (chosen == Scheduler.NONE) {
                return leave(packet, flow, spec, icmp);
            }
            line = view.destinations().id(chosen);
            long control =
                    Control.of(
                            0,
                            Control.TEMPLATE | methodFlags(line),
                            line,
                            Configuration.templateSeconds(spec.timeoutSeconds()));
            slot =
                    table.insert(
                            clientHi,
                            clientLo,
                            0,
                            virtualHi,
                            virtualLo,
                            virtualPort,
                            protocol,
                            forPort ? destinations.port(line) : 0,
                            control,
                            NO_TEMPLATE,
                            now,
                            template);
            if (slot < 0) {
                return decide(packet, DROPPED, Reason.TABLE_FULL);
            }
            // another writer may have been faster, with another choice
            line = template.destination();
        }
        int port = flow.destinationPort();
        if (port == spec.key().port() && destinations.port(line) != 0) {
            port = destinations.port(line);
        }
        slot = connect(packet, flow, spec, table, line, port, template, now);
        if (slot >= 0 || slot == ONE_PACKET) {
            table.touch(template, now);
        }
        return slot;
    }

    private long methodFlags(int line) {
        return destinations.method(line) == ForwardingMethod.NAT.number() ? 0 : Control.NO_OUTPUT;
    }

    // Templates of a mark carry it in place of the virtual address: in its first 32 bits.

    private static long markHi(ServiceSpec spec, boolean ipv6) {
        return ipv6 ? (long) spec.key().mark() << 32 : 0;
    }

    private static long markLo(ServiceSpec spec, boolean ipv6) {
        return ipv6 ? 0 : spec.key().mark() & 0xffffffffL;
    }

    private static long maskHi(Flow flow, int netmask) {
        if (!flow.isIpv6()) {
            return 0;
        }
        return netmask >= 64 ? flow.sourceHi() : flow.sourceHi() & -1L << 64 - netmask;
    }

    private static long maskLo(Flow flow, int netmask) {
        if (!flow.isIpv6()) {
            return flow.sourceLo() & netmask & 0xffffffffL;
        }
        if (netmask <= 64) {
            return 0;
        }
        return netmask >= 128 ? flow.sourceLo() : flow.sourceLo() & -1L << 128 - netmask;
    }

    /**
     * Whether a template's destination can still be used; otherwise it is invalidated
     * (ip_vs_check_template).
     */
    private boolean isUsable(ConnectionTable table) {
        long word = template.word();
        int line = Control.destination(word);
        boolean quiesced =
                director.settings.expireQuiescentTemplate() && destinations.weight(line) == 0;
        if (destinations.isAvailable(line) && !quiesced) {
            return true;
        }
        // another writer may assure or prolong it at the same time
        while (!table.update(template.slot(), word, word | Control.INVALID)
                && table.isStill(template)) {
            word = table.control(template.slot());
        }
        return false;
    }
}
