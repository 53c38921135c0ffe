package org.jvs.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.DestinationListing;
import org.jvs.core.admin.DirectorStatus;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.Stats;

/**
 * A director on a screen of 80 columns and 24 lines, the last of which is left to the prompt. What
 * does not fit is counted, with the command that shows it.
 */
final class StatusScreen {
    private static final int WIDTH = 80;
    private static final int LINES = 23;
    private static final int INTERFACES = 5;
    private static final int REASONS = 6;

    private final List<String> lines = new ArrayList<>();

    private StatusScreen() {}

    static List<String> of(Admin admin) {
        StatusScreen screen = new StatusScreen();
        screen.fill(admin.status(), admin.totals(), admin.services());
        return screen.lines;
    }

    private void fill(DirectorStatus status, Stats totals, List<ServiceListing> services) {
        List<String> interfaces = interfaces(status);
        List<String> reasons = reasons(status);
        head(status, totals, services);

        add("");
        add(
                String.format(
                        Locale.ROOT,
                        "%-16s %-10s %16s %16s %16s",
                        "Interface",
                        "Mode",
                        "Received",
                        "Sent",
                        "Dropped"));
        int reasonRows = Math.min(Math.max(reasons.size(), 1), REASONS);
        // advice takes rows, and has those that the reasons leave
        section(interfaces, INTERFACES + REASONS - reasonRows, "lines: ./jvs status --json");

        // services get the rows that the other sections leave
        int below = 2 + reasonRows;
        add("");
        add(
                String.format(
                        Locale.ROOT,
                        "%-38s %-6s %11s %7s %6s %7s",
                        "Service",
                        "Sched",
                        "Dests",
                        "Active",
                        "Inact",
                        "Conn/s"));
        section(
                services.stream()
                        .sorted(Comparator.comparing(s -> s.spec().key().toString()))
                        .map(StatusScreen::service)
                        .toList(),
                LINES - lines.size() - below,
                "services: bin/ipvsadm -Ln");

        add("");
        add("Dropped, passed or answered, and why");
        section(reasons, REASONS, "reasons: ./jvs status --json");
    }

    private void head(DirectorStatus status, Stats totals, List<ServiceListing> services) {
        add(
                "JVS "
                        + Version.JVS
                        + ", director "
                        + status.processId()
                        + ", up "
                        + duration(status.uptimeSeconds()));
        long destinations = 0;
        long quiesced = 0;
        long active = 0;
        long inactive = 0;
        for (ServiceListing service : services) {
            for (DestinationListing destination : service.destinations()) {
                destinations++;
                quiesced += destination.spec().weight() == 0 ? 1 : 0;
                active += destination.active();
                inactive += destination.inactive();
            }
        }
        add(
                services.size()
                        + (services.size() == 1 ? " service, " : " services, ")
                        + destinations
                        + (destinations == 1 ? " destination" : " destinations")
                        + (quiesced == 0 ? "" : " (" + quiesced + " quiesced)"));
        add(
                "Connections: "
                        + count(status.connections())
                        + " entries"
                        + (status.capacity() == 0 ? "" : " of " + count(status.capacity()))
                        + ", "
                        + count(active)
                        + " active, "
                        + count(inactive)
                        + " inactive, "
                        + count(totals.cps())
                        + " new/s");
        add(
                "Packets: "
                        + count(totals.inPps())
                        + "/s in, "
                        + count(totals.outPps())
                        + "/s out; bytes: "
                        + count(totals.inBps())
                        + "/s in, "
                        + count(totals.outBps())
                        + "/s out");
        unreachable(status.unreachable());
    }

    private void unreachable(List<DirectorStatus.Unreachable> all) {
        if (all.isEmpty()) {
            return;
        }
        String first = all.getFirst().address() + ", " + all.getFirst().reason();
        String more = all.size() == 1 ? "" : "; " + (all.size() - 1) + " more: ./jvs status --json";
        // the end is the command that shows the others
        int room = WIDTH - "Unreachable: ".length() - more.length();
        add(
                "Unreachable: "
                        + (first.length() <= room ? first : first.substring(0, room - 1) + "~")
                        + more);
    }

    private static List<String> interfaces(DirectorStatus status) {
        List<String> rows = new ArrayList<>();
        for (DirectorStatus.Interface each : status.interfaces()) {
            rows.add(
                    String.format(
                            Locale.ROOT,
                            "%-16s %-10s %16s %16s %16s",
                            each.name(),
                            each.mode(),
                            count(each.received()),
                            count(each.sent()),
                            count(each.dropped())));
            if (!each.advice().isEmpty()) {
                rows.addAll(wrap(each.advice()));
            }
        }
        return rows;
    }

    /** In full, however long: its end is the command that helps. */
    private static List<String> wrap(String advice) {
        List<String> rows = new ArrayList<>();
        StringBuilder row = new StringBuilder("  !");
        for (String word : advice.split(" ", -1)) {
            if (row.length() + 1 + word.length() > WIDTH) {
                rows.add(row.toString());
                row = new StringBuilder("   ");
            }
            row.append(' ').append(word);
        }
        rows.add(row.toString());
        return rows;
    }

    private static String service(ServiceListing service) {
        int active = 0;
        int inactive = 0;
        int quiesced = 0;
        for (DestinationListing destination : service.destinations()) {
            active += destination.active();
            inactive += destination.inactive();
            quiesced += destination.spec().weight() == 0 ? 1 : 0;
        }
        int all = service.destinations().size();
        String destinations = quiesced == 0 ? all + "" : all + " (" + quiesced + " q.)";
        return String.format(
                Locale.ROOT,
                "%-38s %-6s %11s %7s %6s %7s",
                service.spec().key(),
                service.spec().scheduler(),
                destinations,
                shortCount(active),
                shortCount(inactive),
                shortCount(service.stats().cps()));
    }

    private static List<String> reasons(DirectorStatus status) {
        return status.reasons().stream()
                .sorted(Comparator.comparingLong(DirectorStatus.ReasonCount::packets).reversed())
                .map(each ->
                        String.format(
                                Locale.ROOT,
                                "%14s %-7s %s",
                                count(each.packets()),
                                each.verdict(),
                                each.text()))
                .toList();
    }

    /** As many rows as there is room for; the last row counts those left out. */
    private void section(List<String> rows, int room, String elsewhere) {
        if (rows.isEmpty()) {
            add("  none");
        } else if (rows.size() <= room) {
            rows.forEach(this::add);
        } else {
            int shown = Math.max(0, room - 1);
            rows.subList(0, shown).forEach(this::add);
            add("  and " + (rows.size() - shown) + " more " + elsewhere);
        }
    }

    private void add(String line) {
        lines.add(line.length() <= WIDTH ? line : line.substring(0, WIDTH - 1) + "~");
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** At most six characters: 123456, 12.3M, 4.5G. */
    private static String shortCount(long number) {
        if (number < 1_000_000) {
            return Long.toString(number);
        }
        return number < 1_000_000_000
                ? String.format(Locale.ROOT, "%.1fM", number / 1e6)
                : String.format(Locale.ROOT, "%.1fG", number / 1e9);
    }

    private static String duration(long seconds) {
        String clock =
                String.format(
                        Locale.ROOT,
                        "%02d:%02d:%02d",
                        seconds / 3600 % 24,
                        seconds / 60 % 60,
                        seconds % 60);
        return seconds < 86_400 ? clock : seconds / 86_400 + "d " + clock;
    }
}
