package org.jvs.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jvs.conformance.Recording.Seen;
import org.jvs.conformance.host.Bytes;
import org.jvs.conformance.host.Describer;
import org.jvs.conformance.host.LocalStack;
import org.jvs.conformance.host.Machine.Frame;
import org.jvs.conformance.host.PacketView;

/**
 * Whether the packets that came out are those of the recording: the same on every leg, in the same
 * order, to the same Ethernet address, byte for byte but for the fields that the recorder masked.
 */
final class PacketComparison {
    private PacketComparison() {}

    /** What differs, or nothing. */
    static List<String> compare(List<Seen> recorded, List<Frame> ours, LocalStack stack) {
        List<String> out = new ArrayList<>();
        Map<String, List<Seen>> left = new TreeMap<>();
        recorded.forEach(
                seen -> left.computeIfAbsent(seen.leg(), _ -> new ArrayList<>()).add(seen));
        Map<String, List<Frame>> right = new TreeMap<>();
        ours.forEach(
                frame -> right.computeIfAbsent(frame.leg(), _ -> new ArrayList<>()).add(frame));
        left.keySet().forEach(leg -> right.computeIfAbsent(leg, _ -> new ArrayList<>()));
        right.forEach(
                (leg, frames) -> leg(leg, left.getOrDefault(leg, List.of()), frames, stack, out));
        return out;
    }

    private static void leg(
            String leg, List<Seen> recorded, List<Frame> ours, LocalStack stack, List<String> out) {
        int next = 0;
        for (Seen seen : recorded) {
            if (next < ours.size() && matches(seen, ours.get(next))) {
                next++;
                continue;
            }
            // What a program on the director says, it says when it gets to run: the recording has
            // it here, later, or between two steps where nobody listened.
            PacketView view = PacketView.of(seen.packet());
            if (view != null && stack.couldHaveSent(view)) {
                continue;
            }
            if (next < ours.size()) {
                out.add(leg + " <- the kernel: " + Describer.describe(seen.packet()));
                out.add(leg + " <- ours:       " + Describer.describe(ours.get(next).packet()));
                out.add("   " + where(seen, ours.get(next)));
                next++;
            } else {
                out.add(leg + " <- missing:    " + Describer.describe(seen.packet()));
            }
        }
        for (Frame frame : ours.subList(next, ours.size())) {
            out.add(leg + " <- unexpected: " + Describer.describe(frame.packet()));
        }
    }

    private static boolean matches(Seen seen, Frame frame) {
        return seen.mac().equals(frame.mac())
                && Arrays.equals(seen.packet(), mask(frame.packet(), seen.masked()));
    }

    /** Sets the fields that the recorder masked to the values that it gave them. */
    static byte[] mask(byte[] packet, List<String> fields) {
        byte[] masked = packet.clone();
        PacketView view = PacketView.of(packet);
        if (view == null) {
            return masked;
        }
        for (String field : fields) {
            switch (field) {
                case "ip.id" -> {
                    if (!view.ipv6()) {
                        Bytes.put16(masked, 4, 0);
                        Bytes.headerChecksum(masked);
                    }
                }
                case "ip6.flow" -> {
                    if (view.ipv6()) {
                        masked[1] &= (byte) 0xf0;
                        Bytes.put16(masked, 2, 0);
                    }
                }
                case "ip6.fragid" -> {
                    if (view.fragmentHeader() && masked.length >= 48) {
                        Bytes.put32(masked, 44, 0);
                    }
                }
                // The model of the host begins with the number that the recorder maps to, and no
                // other packet with a random port is ours.
                default -> {}
            }
        }
        return masked;
    }

    private static String where(Seen seen, Frame frame) {
        if (!seen.mac().equals(frame.mac())) {
            return "to " + frame.mac() + " instead of " + seen.mac();
        }
        byte[] ours = mask(frame.packet(), seen.masked());
        int at = Arrays.mismatch(seen.packet(), ours);
        if (at < 0) {
            return "the same packet";
        }
        String kernel = at < seen.packet().length ? hex(seen.packet()[at]) : "the end";
        String our = at < ours.length ? hex(ours[at]) : "the end";
        return "first difference at byte " + at + ": " + kernel + " there, " + our + " here";
    }

    private static String hex(byte b) {
        return String.format("%02x", b);
    }
}
