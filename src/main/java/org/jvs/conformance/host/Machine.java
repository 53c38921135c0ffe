package org.jvs.conformance.host;

import java.util.ArrayList;
import java.util.List;
import org.jvs.core.engine.Verdict;
import org.jvs.core.net.Address;

/**
 * The director as its neighbours see it: packets in, frames out. Every packet passes IPVS first,
 * those that arrive and those that the machine makes itself, as in the kernel; what IPVS leaves
 * alone goes to the machine's own stack or is routed.
 */
public final class Machine {
    /** A frame on a leg, addressed to a host there. */
    @SuppressWarnings("ArrayRecordComponent") // packets are compared by hand
    public record Frame(String leg, String mac, byte[] packet) {}

    /** Where IPVS sees packets. */
    public interface Hook {
        /**
         * What IPVS makes of a packet.
         *
         * @param packet the packet after it
         * @param fragments what goes on the wire: the packet, or its fragments if it is too long
         */
        @SuppressWarnings("ArrayRecordComponent") // packets are compared by hand
        record Outcome(Verdict verdict, byte[] packet, List<byte[]> fragments, Address nextHop) {}

        /** Shows IPVS a packet. */
        Outcome see(byte[] packet, int mark);
    }

    private final Network network;
    private final LocalStack stack;
    private final PlainForwarding forwarding;
    private final Hook hook;

    /** A machine with a place for IPVS in it. */
    public Machine(Network network, LocalStack stack, Hook hook) {
        this.network = network;
        this.stack = stack;
        this.hook = hook;
        forwarding = new PlainForwarding(network, stack);
    }

    /** A packet arrives; frames that leave are added to a list. */
    public void receive(byte[] packet, int mark, List<Frame> frames) {
        Hook.Outcome outcome = hook.see(packet, mark);
        settle(outcome, frames);
    }

    /** The machine's programs send what they have to send; nobody looks. */
    public void runPrograms() {
        List<Frame> unseen = new ArrayList<>();
        stack.later().forEach(packet -> output(packet, unseen));
    }

    private void settle(Hook.Outcome outcome, List<Frame> frames) {
        switch (outcome.verdict()) {
            case DROP -> {}
            case FORWARD, REPLY -> transmit(outcome, frames);
            case PASS, LOCAL -> {
                PacketView view = PacketView.of(outcome.packet());
                if (view != null) {
                    deliver(view, frames);
                }
            }
        }
    }

    private void deliver(PacketView packet, List<Frame> frames) {
        // RFC 1812 section 5.2.2: a wrong header checksum is not answered, not even with an error.
        if (isMulticast(packet.destination())
                || !packet.headerRight()
                || !packet.complete()
                || isMartian(packet)) {
            return;
        }
        if (network.isLocal(packet.destination())) {
            stack.receive(packet).forEach(answer -> output(answer, frames));
            return;
        }
        for (PlainForwarding.Outgoing outgoing : forwarding.forward(packet)) {
            put(outgoing.packet(), outgoing.nextHop(), frames);
        }
    }

    /** Linux takes no IPv4 packet from the wire that claims to come from the machine itself. */
    private boolean isMartian(PacketView packet) {
        return !packet.ipv6()
                && (network.isOwnAddress(packet.source()) || isMulticast(packet.source()));
    }

    private static boolean isMulticast(Address address) {
        int first = address.toBytes()[0] & 0xff;
        return address.isIpv6() ? first == 0xff : first >= 224;
    }

    /**
     * A packet of this machine leaves. IPVS counts itself as a hop, but such a packet passes none:
     * it is shown to IPVS with one hop more.
     */
    private void output(byte[] packet, List<Frame> frames) {
        PacketView view = PacketView.of(packet);
        if (view == null) {
            return;
        }
        byte[] shown = packet.clone();
        if (view.ipv6()) {
            shown[7]++;
        } else {
            shown[8]++;
            Bytes.headerChecksum(shown);
        }
        Hook.Outcome outcome = hook.see(shown, 0);
        switch (outcome.verdict()) {
            case PASS, LOCAL -> put(packet, view.destination(), frames);
            case FORWARD, REPLY -> {
                PacketView left = PacketView.of(outcome.packet());
                if (left != null) {
                    stack.leftAs(view, left);
                }
                transmit(outcome, frames);
            }
            case DROP -> {}
        }
    }

    private void transmit(Hook.Outcome outcome, List<Frame> frames) {
        outcome.fragments().forEach(part -> put(part, outcome.nextHop(), frames));
    }

    private void put(byte[] packet, Address nextHop, List<Frame> frames) {
        Network.Neighbour there = network.neighbour(nextHop);
        if (there != null) {
            frames.add(new Frame(there.leg(), there.mac(), packet));
        }
    }
}
