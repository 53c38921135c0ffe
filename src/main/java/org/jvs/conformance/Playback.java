package org.jvs.conformance;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.jvs.conformance.Recording.Step;
import org.jvs.conformance.host.Describer;
import org.jvs.conformance.host.Lan;
import org.jvs.conformance.host.Machine.Frame;
import org.jvs.conformance.host.PacketBuilder;
import org.jvs.conformance.host.PacketView;
import org.jvs.core.net.Address;
import org.jvs.core.wire.Ip;

/** Plays one recording to a director, step by step, and notes what differs. */
final class Playback {
    /** What steps took in the recordings matters little; it must not be nothing. */
    private static final int COMMAND_MS = 40;

    private static final int PACKETS_MS = 20;
    private static final int WINDOW = 64240;
    private static final long CLIENT_SEQUENCE = 1000;
    private static final long SERVER_SEQUENCE = 5000;

    /** The end of a connection: an address and a port. */
    private record End(Address address, int port) {
        /** Reads {@code address:port} or {@code [address]:port}. */
        static End parse(String text) {
            int colon = text.lastIndexOf(':');
            String host = text.substring(0, colon).replaceAll("^\\[|\\]$", "");
            return new End(Address.parse(host), Integer.parseInt(text.substring(colon + 1)));
        }
    }

    /** A connection as its client and its server see it; they differ with NAT. */
    private record Connection(End client, End virtual, End server, String serverLeg) {}

    private final Recording recording;
    private final Lab lab;
    private final Map<String, Connection> connections = new HashMap<>();
    private final List<String> differences = new ArrayList<>();
    private final Set<KeptDifference> kept = EnumSet.noneOf(KeptDifference.class);
    private int id = 0x2000;

    Playback(Recording recording, Lab lab) {
        this.recording = recording;
        this.lab = lab;
    }

    /** Plays all steps. What differs is added to {@link #differences} as it is found. */
    void run() {
        for (int i = 0; i < recording.steps().size(); i++) {
            Step step = recording.steps().get(i);
            List<String> found = play(step);
            if (!found.isEmpty()) {
                differences.add("step " + i + ": " + title(step));
                found.forEach(line -> differences.add("  " + line));
            }
        }
    }

    /** What differs so far, in lines. */
    List<String> differences() {
        return differences;
    }

    /** The differences on purpose that were met. */
    Set<KeptDifference> kept() {
        return kept;
    }

    private static String title(Step step) {
        return switch (step) {
            case Recording.CommandLine command -> "$ " + command.text();
            case Recording.Send send -> {
                StringBuilder title = new StringBuilder(send.note().isEmpty() ? "" : send.note());
                for (byte[] packet : send.packets()) {
                    title.append(title.isEmpty() ? "" : "\n    ").append(send.leg()).append(" -> ");
                    title.append(Describer.describe(packet));
                }
                yield title.toString();
            }
            case Recording.Connect connect ->
                    connect.protocol() + " connection " + connect.from() + " -> " + connect.to();
            case Recording.End end -> "end of " + end.from() + " by " + end.how();
            case Recording.Wait wait -> "wait " + wait.ms() + " ms";
            case Recording.Collect collect -> "listen for " + collect.ms() + " ms";
        };
    }

    private List<String> play(Step step) {
        List<String> found =
                switch (step) {
                    case Recording.CommandLine command -> command(command);
                    case Recording.Send send -> send(send);
                    case Recording.Connect connect -> connect(connect);
                    case Recording.End end -> {
                        end(end);
                        yield List.of();
                    }
                    case Recording.Wait wait -> {
                        lab.pass(wait.ms());
                        yield List.of();
                    }
                    case Recording.Collect collect -> {
                        SkipRules.checkCollected(collect.seen(), lab.subject().admin());
                        lab.pass(collect.ms());
                        yield PacketComparison.compare(collect.seen(), List.of(), lab.stack());
                    }
                };
        lab.afterStep();
        return found;
    }

    private List<String> command(Recording.CommandLine command) {
        StringBuilder out = new StringBuilder();
        StringBuilder err = new StringBuilder();
        lab.pass(COMMAND_MS);
        int status = lab.run(command.text(), command.stdin(), out, err);
        List<String> found = new ArrayList<>();
        if (!TextComparison.same(command.text(), command.stdout(), out.toString())
                && !isKept(command, out.toString())) {
            found.addAll(TextComparison.difference("output", command.stdout(), out.toString()));
        }
        if (!command.stderr().contentEquals(err)) {
            found.addAll(TextComparison.difference("messages", command.stderr(), err.toString()));
        }
        if (status != command.status()) {
            found.add("exit status " + status + " instead of " + command.status());
        }
        return found;
    }

    private boolean isKept(Recording.CommandLine command, String ours) {
        KeptDifference difference =
                KeptDifference.between(command.text(), command.stdout(), ours, lab);
        if (difference != null) {
            kept.add(difference);
        }
        return difference != null;
    }

    private List<Frame> send(String leg, byte[]... packets) {
        List<Frame> frames = lab.send(leg, List.of(packets));
        lab.pass(PACKETS_MS);
        return frames;
    }

    private List<String> send(Recording.Send send) {
        List<Frame> frames = send(send.leg(), send.packets().toArray(byte[][]::new));
        if (send.seenCount() < 0) {
            return PacketComparison.compare(send.seen(), frames, lab.stack());
        }
        return frames.size() == send.seenCount()
                ? List.of()
                : List.of(frames.size() + " packets came out instead of " + send.seenCount());
    }

    private PacketBuilder packet(End from, End to) {
        return PacketBuilder.from(from.address(), from.port())
                .to(to.address(), to.port())
                .window(WINDOW)
                .id(0)
                .dontFragment();
    }

    private List<String> connect(Recording.Connect connect) {
        End client = End.parse(connect.from());
        End virtual = End.parse(connect.to());
        id++;
        PacketBuilder builder = packet(client, virtual).id(client.address().isIpv6() ? 0 : id);
        PacketBuilder first =
                switch (connect.protocol()) {
                    case "udp" -> builder.udp().payload(new byte[] {'x'});
                    case "sctp" -> builder.sctpInit();
                    default -> builder.tcp(Ip.SYN).sequence(CLIENT_SEQUENCE).acknowledgement(0);
                };
        List<Frame> frames = send("client", first.bytes());
        String pick = answer(frames);
        Lan.Server server = null;
        for (Frame frame : frames) {
            Lan.Server there = Lan.ofMac(frame.mac());
            PacketView view = PacketView.of(frame.packet());
            if (there != null && view != null) {
                server = there;
                pick = there.address(view.ipv6()).toString();
                End reached =
                        new End(
                                view.destination(),
                                view.hasPorts() ? view.destinationPort() : virtual.port());
                connections.put(
                        connect.from(), new Connection(client, virtual, reached, there.leg()));
                break;
            }
        }
        Connection made = connections.get(connect.from());
        if (server != null && made != null && connect.hold() && connect.protocol().equals("tcp")) {
            fromServer(made, Ip.SYN | Ip.ACK, SERVER_SEQUENCE, 1);
            fromClient(made, Ip.ACK, 1, SERVER_SEQUENCE + 1);
        }
        return Objects.equals(pick, connect.pick())
                ? List.of()
                : List.of("picked " + pick + " instead of " + connect.pick());
    }

    private void fromClient(Connection c, int flags, int beyond, long acknowledgement) {
        send(
                "client",
                packet(c.client, c.virtual)
                        .tcp(flags)
                        .sequence(CLIENT_SEQUENCE + beyond)
                        .acknowledgement(acknowledgement)
                        .bytes());
    }

    private void fromServer(Connection c, int flags, long sequence, int beyond) {
        send(
                c.serverLeg,
                packet(c.server, c.client)
                        .tcp(flags)
                        .sequence(sequence)
                        .acknowledgement(CLIENT_SEQUENCE + beyond)
                        .bytes());
    }

    /** What the client got instead of a server: its text, without what it quotes and its id. */
    private static @Nullable String answer(List<Frame> frames) {
        for (Frame frame : frames) {
            if (frame.leg().equals("client")) {
                String text = Describer.describe(frame.packet());
                int quoted = text.indexOf(" { ");
                return (quoted < 0 ? text : text.substring(0, quoted))
                        .replaceAll(" id 0x[0-9a-f]{4}", "");
            }
        }
        return null;
    }

    private void end(Recording.End end) {
        Connection c = connections.get(end.from());
        if (c == null) {
            return;
        }
        if (end.how().equals("rst")) {
            fromClient(c, Ip.RST | Ip.ACK, 1, SERVER_SEQUENCE + 1);
        } else if (end.how().equals("fin")) {
            fromClient(c, Ip.FIN | Ip.ACK, 1, SERVER_SEQUENCE + 1);
            fromServer(c, Ip.FIN | Ip.ACK, SERVER_SEQUENCE + 1, 2);
            fromClient(c, Ip.ACK, 2, SERVER_SEQUENCE + 2);
        }
    }
}
