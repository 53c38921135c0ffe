package org.jvs.conformance;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One scenario as it was played to the kernel, with what the kernel did at every step.
 *
 * @param set {@code cli}, {@code sched}, {@code packets} or {@code state}
 */
record Recording(Path file, String set, String name, String title, List<Step> steps) {

    /** One step: what was done, and what was seen. */
    sealed interface Step {}

    /** A command line run by the director's shell. */
    record CommandLine(String text, String stdin, int status, String stdout, String stderr)
            implements Step {}

    /**
     * Packets that entered the director on one leg, and all packets that came out.
     *
     * @param seenCount how many came out if they were only counted, otherwise -1
     */
    record Send(String leg, List<byte[]> packets, String note, List<Seen> seen, int seenCount)
            implements Step {}

    /**
     * A new connection from a client, each end as {@code address:port}.
     *
     * @param hold whether the handshake was completed
     * @param pick the realserver that got it, or the text of what the client got, or null
     */
    record Connect(String from, String to, String protocol, boolean hold, @Nullable String pick)
            implements Step {}

    /** The end of a connection: {@code fin} or {@code rst}. */
    record End(String from, String how) implements Step {}

    /** Time that passed. */
    record Wait(long ms) implements Step {}

    /** Time that passed while the legs were listened to. */
    record Collect(long ms, List<Seen> seen) implements Step {}

    /**
     * A packet that came out of the director.
     *
     * @param mac the Ethernet address it was sent to
     * @param masked the fields that the recorder set to fixed values because they were random
     */
    @SuppressWarnings("ArrayRecordComponent") // packets are compared by hand
    record Seen(String leg, String mac, byte[] packet, List<String> masked) {}
}
