package org.jvs.datapath;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jvs.ebpf.Listing;

/// The program of an interface, for people. It passes the control socket as lines of tab-separated
/// fields: `program`, interface and name; then a line for each instruction.
///
/// @param interfaceName where it is attached
public record AttachedProgram(String interfaceName, Listing listing) {
    private static final int ROW_FIELDS = 6;

    /// Writes programs one after the other.
    ///
    /// @throws IOException passed on from `to`
    public static void write(List<AttachedProgram> programs, Appendable to) throws IOException {
        for (AttachedProgram program : programs) {
            line(to, "program", program.interfaceName, program.listing.name());
            for (Listing.Row row : program.listing.rows()) {
                line(
                        to,
                        "row",
                        Integer.toString(row.index()),
                        row.label(),
                        row.note(),
                        row.text(),
                        row.remark());
            }
        }
    }

    private static void line(Appendable to, String... fields) throws IOException {
        for (int i = 0; i < fields.length; i++) {
            to.append(i == 0 ? "" : "\t").append(fields[i].replaceAll("[\t\n]", " "));
        }
        to.append('\n');
    }

    /// The reverse of [#write]. Lines of an unknown kind are passed over.
    ///
    /// @throws IllegalArgumentException if a line has too few fields or one is not a number
    public static List<AttachedProgram> parse(String text) {
        List<AttachedProgram> programs = new ArrayList<>();
        List<Listing.Row> rows = new ArrayList<>();
        String[] head = {};
        for (String line : text.lines().toList()) {
            String[] field = line.split("\t", -1);
            if (field[0].equals("program") && field.length >= 3) {
                add(programs, head, rows);
                head = field;
                rows.clear();
            } else if (field[0].equals("row") && field.length >= ROW_FIELDS) {
                rows.add(
                        new Listing.Row(
                                Integer.parseInt(field[1]),
                                field[2],
                                field[3],
                                field[4],
                                field[5]));
            } else if (field[0].equals("program") || field[0].equals("row")) {
                throw new IllegalArgumentException("too few fields in '" + line + "'");
            }
        }
        add(programs, head, rows);
        return programs;
    }

    private static void add(List<AttachedProgram> programs, String[] head, List<Listing.Row> rows) {
        if (head.length > 0) {
            programs.add(new AttachedProgram(head[1], Listing.of(head[2], rows)));
        }
    }
}
