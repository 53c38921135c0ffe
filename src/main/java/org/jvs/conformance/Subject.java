package org.jvs.conformance;

import org.jvs.core.admin.Admin;
import org.jvs.core.engine.Verdict;
import org.jvs.core.wire.Packet;

/** What is judged: a director, seen from its three sides. */
interface Subject {
    /** The administrator's side. */
    Admin admin();

    /** Moves its clock, milliseconds from the start of the recording. */
    void advance(long nowMs);

    /** Lets it see a packet. */
    Verdict process(Packet packet);
}
