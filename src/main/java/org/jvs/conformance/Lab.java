package org.jvs.conformance;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.jvs.conformance.host.Lan;
import org.jvs.conformance.host.LocalStack;
import org.jvs.conformance.host.Machine;
import org.jvs.conformance.host.MarkRules;
import org.jvs.conformance.host.Network;
import org.jvs.conformance.host.PacketView;
import org.jvs.core.engine.Host;
import org.jvs.core.engine.Verdict;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.wire.Fragmenter;
import org.jvs.core.wire.Packet;

/** One director with its machine, its clock and its shell: the place of one recording. */
final class Lab implements Machine.Hook {
    private static final int ROOM = 4096;
    private static final int TICK_MS = 100;

    private final Network network = Network.ofTheLab();
    private final LocalStack stack = new LocalStack(network);
    private final MarkRules marks = new MarkRules();
    private final Machine machine = new Machine(network, stack, this);
    private final Subject subject;
    private final LabPrograms programs;
    private final Packet packet = new Packet();
    private long nowMs;
    private long lastPacketMs = -1_000_000;

    Lab(Function<Host, Subject> maker, LabNames names, String allCommands) {
        subject = maker.apply(network);
        LabFiles files = new LabFiles(subject.admin(), allCommands);
        programs =
                new LabPrograms(subject.admin(), names, files, network, stack, marks, this::pass);
    }

    /** Whether an address is the director's own or delivered to it. */
    boolean isLocal(Address address) {
        return network.isLocal(address);
    }

    /** Milliseconds since a packet entered last. */
    long quietMs() {
        return nowMs - lastPacketMs;
    }

    LocalStack stack() {
        return stack;
    }

    Subject subject() {
        return subject;
    }

    /** Runs a command line. */
    int run(String line, @Nullable String stdin, StringBuilder out, StringBuilder err) {
        return programs.run(line, stdin, out, err);
    }

    /** Lets time pass. */
    void pass(long ms) {
        long end = nowMs + ms;
        while (nowMs < end) {
            nowMs = Math.min(end, nowMs - nowMs % TICK_MS + TICK_MS);
            subject.advance(nowMs);
        }
    }

    /** Packets enter on one leg, back to back; what comes out, in order. */
    List<Machine.Frame> send(String leg, List<byte[]> packets) {
        List<Machine.Frame> frames = new ArrayList<>();
        for (byte[] bytes : packets) {
            PacketView view = PacketView.of(bytes);
            String device = Lan.device(leg);
            int mark = view == null ? 0 : marks.mark(view, device);
            if (view != null) {
                SkipRules.check(view, mark, subject.admin());
            }
            lastPacketMs = nowMs;
            machine.receive(bytes, mark, frames);
        }
        return frames;
    }

    /** The programs on the director get to run, after what was seen of a step was written down. */
    void afterStep() {
        machine.runPrograms();
    }

    @Override
    public Outcome see(byte[] bytes, int mark) {
        byte[] memory = new byte[Packet.HEADROOM + Math.max(ROOM, bytes.length + ROOM)];
        System.arraycopy(bytes, 0, memory, Packet.HEADROOM, bytes.length);
        packet.wrap(
                MemorySegment.ofArray(memory),
                Packet.HEADROOM,
                bytes.length,
                Packet.HEADROOM,
                memory.length - Packet.HEADROOM);
        packet.mark = mark;
        Verdict verdict = subject.process(packet);
        Address nextHop =
                new Address(
                        packet.nextHopIpv6 ? Family.IPV6 : Family.IPV4,
                        packet.nextHopHi,
                        packet.nextHopLo);
        boolean changed = verdict != Verdict.DROP && verdict != Verdict.PASS;
        byte[] after = changed ? packet.toBytes() : bytes;
        boolean sent = verdict == Verdict.FORWARD || verdict == Verdict.REPLY;
        return new Outcome(verdict, after, sent ? fragments(after) : List.of(), nextHop);
    }

    /** What the datapath would put on the wire. */
    private List<byte[]> fragments(byte[] whole) {
        boolean splits =
                packet.mtu > 0 && whole.length > packet.mtu && Fragmenter.isAllowed(packet);
        if (!splits) {
            return List.of(whole);
        }
        List<byte[]> fragments = new ArrayList<>();
        int count = Fragmenter.count(packet, packet.mtu);
        for (int i = 0; i < count; i++) {
            byte[] fragment = new byte[packet.mtu];
            int length =
                    Fragmenter.write(packet, packet.mtu, i, MemorySegment.ofArray(fragment), 0);
            fragments.add(Arrays.copyOf(fragment, length));
        }
        return fragments;
    }
}
