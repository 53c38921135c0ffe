package org.jvs.conformance.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class DescriberTest {
    /** Every packet of the recordings stands there with its text. */
    @Test
    void packetsAreDescribedAsInTheRecordings() throws IOException {
        JsonMapper json = JsonMapper.builder().build();
        List<String> wrong = new ArrayList<>();
        int described = 0;
        try (Stream<Path> files = Files.walk(Path.of("src/test/resources/golden"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".json")).toList()) {
                for (JsonNode node : json.readTree(Files.readAllBytes(file)).findParents("l3")) {
                    String text = node.get("text").asString();
                    byte[] packet = HexFormat.of().parseHex(node.get("l3").asString());
                    String ours = Describer.describe(packet);
                    described++;
                    if (!ours.equals(text)) {
                        wrong.add(file.getFileName() + "\n  " + text + "\n  " + ours);
                    }
                }
            }
        }
        assertThat(described).isGreaterThan(500);
        assertThat(wrong).isEmpty();
    }
}
