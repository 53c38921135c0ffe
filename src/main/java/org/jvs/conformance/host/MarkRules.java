package org.jvs.conformance.host;

import java.util.ArrayList;
import java.util.List;

/** Rules that mark packets as they come in, in order; every rule that matches counts. */
public final class MarkRules {
    private final List<MarkRule> rules = new ArrayList<>();

    /** Adds a rule behind the others. */
    public void append(MarkRule rule) {
        rules.add(rule);
    }

    /** Adds a rule before those of its IP version, at a position from 1 on. */
    public void insert(int position, MarkRule rule) {
        int seen = 0;
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).ipv6() == rule.ipv6() && ++seen == position) {
                rules.add(i, rule);
                return;
            }
        }
        rules.add(rule);
    }

    /** Removes a rule; false where there is none like it. */
    public boolean remove(MarkRule rule) {
        return rules.remove(rule);
    }

    /** Removes the rules of one IP version. */
    public void clear(boolean ipv6) {
        rules.removeIf(rule -> rule.ipv6() == ipv6);
    }

    /** The mark of a packet that came in on an interface, 0 if none. */
    public int mark(PacketView packet, String device) {
        int mark = 0;
        for (MarkRule rule : rules) {
            if (rule.matches(packet, device)) {
                mark = rule.apply(mark);
            }
        }
        return mark;
    }
}
