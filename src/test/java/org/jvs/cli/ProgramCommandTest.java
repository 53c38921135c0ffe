package org.jvs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.jvs.datapath.AttachedProgram;
import org.jvs.ebpf.Listing;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ProgramCommandTest {
    private static final List<AttachedProgram> PROGRAMS =
            List.of(
                    new AttachedProgram(
                            "eth0",
                            Listing.of(
                                    "jvs_filter",
                                    List.of(
                                            new Listing.Row(0, "", "for\tus?", "r2 = 1", "type"),
                                            new Listing.Row(1, "pass", "", "exit", "")))),
                    new AttachedProgram("eth1", Listing.of("jvs_other", List.of())));

    @Test
    void passesTheControlSocketAndComesOutAsTextAndJson() throws IOException {
        StringBuilder wire = new StringBuilder();
        AttachedProgram.write(PROGRAMS, wire);
        List<AttachedProgram> programs = AttachedProgram.parse(wire + "later\tkind\n");
        assertThat(ProgramCommand.text(programs))
                .isEqualTo(
                        "eth0: jvs_filter, 2 instructions\n"
                                + "       ; for us?\n"
                                + "    0: r2 = 1"
                                + " ".repeat(35)
                                + "type\n"
                                + "pass:\n"
                                + "    1: exit\n"
                                + "\n"
                                + "eth1: jvs_other, 0 instructions\n");
        JsonNode first = new JsonMapper().readTree(ProgramCommand.json(programs)).get(0);
        assertThat(first.get("interface").asString()).isEqualTo("eth0");
        assertThat(first.get("instructions").get(1).get("label").asString()).isEqualTo("pass");
        assertThat(ProgramCommand.text(List.of())).contains("attached to no interface");
    }
}
