package org.jvs.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;
import org.jvs.control.ControlClient;
import org.jvs.datapath.AttachedProgram;
import org.jvs.ebpf.Listing;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code jvs program}: the XDP programs of the running director, instruction by instruction. */
final class ProgramCommand implements Subcommand {
    private static final JsonMapper MAPPER = new JsonMapper();

    @Override
    public void declare(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Sentences after a semicolon say what happens to the packet; what stands",
                        "to the right of an instruction are the names it is about.");
        spec.addPositional(
                PositionalParamSpec.builder()
                        .index("0")
                        .arity("0..1")
                        .paramLabel("IF")
                        .type(String.class)
                        .description("the program of this interface only")
                        .build());
        spec.addOption(
                OptionSpec.builder("--json")
                        .type(boolean.class)
                        .description("as one JSON array of programs")
                        .build());
    }

    @Override
    public int run(ParseResult line, PrintStream out, PrintStream err) throws CommandFailure {
        List<AttachedProgram> programs;
        try (ControlClient director = Director.connect()) {
            programs = AttachedProgram.parse(director.query("program", List.of()));
        }
        String wanted = line.matchedPositionalValue(0, "");
        if (!wanted.isEmpty()) {
            programs = of(wanted, programs);
        }
        if (line.hasMatchedOption("--json")) {
            out.println(json(programs));
        } else {
            out.print(text(programs));
        }
        return 0;
    }

    private static List<AttachedProgram> of(String wanted, List<AttachedProgram> programs)
            throws CommandFailure {
        List<AttachedProgram> found =
                programs.stream().filter(each -> each.interfaceName().equals(wanted)).toList();
        if (found.isEmpty()) {
            String names =
                    programs.stream()
                            .map(AttachedProgram::interfaceName)
                            .collect(Collectors.joining(", "));
            throw new CommandFailure(
                    "the director is not attached to '"
                            + wanted
                            + "'; it is to "
                            + (names.isEmpty() ? "none" : names),
                    "sudo ./jvs status");
        }
        return found;
    }

    static String text(List<AttachedProgram> programs) {
        StringBuilder text = new StringBuilder();
        for (AttachedProgram program : programs) {
            Listing listing = program.listing();
            text.append(text.isEmpty() ? "" : "\n");
            text.append(program.interfaceName()).append(": ").append(listing.name()).append(", ");
            text.append(listing.rows().size()).append(" instructions\n").append(listing);
        }
        return text.isEmpty()
                ? "no program: the director is attached to no interface\n"
                : text + "";
    }

    static String json(List<AttachedProgram> programs) {
        ArrayNode root = MAPPER.createArrayNode();
        for (AttachedProgram program : programs) {
            ObjectNode node = root.addObject();
            node.put("interface", program.interfaceName());
            node.put("name", program.listing().name());
            ArrayNode rows = node.putArray("instructions");
            for (Listing.Row row : program.listing().rows()) {
                ObjectNode instruction = rows.addObject();
                instruction.put("index", row.index());
                instruction.put("text", row.text());
                instruction.put("note", row.note());
                instruction.put("label", row.label());
                instruction.put("remark", row.remark());
            }
        }
        return root.toPrettyString();
    }
}
