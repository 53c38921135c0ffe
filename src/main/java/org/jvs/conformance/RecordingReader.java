package org.jvs.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.jvs.conformance.Recording.Seen;
import org.jvs.conformance.Recording.Step;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads recordings from their JSON files. */
final class RecordingReader {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final HexFormat HEX = HexFormat.of();

    private RecordingReader() {}

    /** All JSON files at or below a path, in the order of their names. */
    static List<Path> find(Path root) throws IOException {
        if (!Files.exists(root)) {
            throw new IOException(root + ": no such file or directory");
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    /**
     * Reads one recording.
     *
     * @throws IOException naming the file and what is wrong in it
     */
    static Recording read(Path file) throws IOException {
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(file));
            if (!root.has("steps")) {
                throw new IOException(file + ": not a recording: it has no \"steps\"");
            }
            List<Step> steps = new ArrayList<>();
            for (JsonNode node : root.get("steps")) {
                steps.add(step(file, node));
            }
            return new Recording(
                    file,
                    text(root.get("set")),
                    text(root.get("name")),
                    text(root.get("title")),
                    List.copyOf(steps));
        } catch (JacksonException | IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static Step step(Path file, JsonNode node) throws IOException {
        if (node.has("cmd")) {
            return new Recording.CommandLine(
                    text(node.get("cmd")),
                    text(node.get("stdin")),
                    node.path("rc").asInt(0),
                    text(node.get("stdout")),
                    text(node.get("stderr")));
        }
        if (node.has("send")) {
            List<byte[]> packets = new ArrayList<>();
            for (JsonNode packet : node.get("send").path("packets")) {
                packets.add(HEX.parseHex(text(packet.get("l3"))));
            }
            return new Recording.Send(
                    text(node.get("send").get("leg")),
                    packets,
                    text(node.get("note")),
                    seen(node.get("seen")),
                    node.path("quiet").asBoolean(false) ? node.path("seen_count").asInt(0) : -1);
        }
        if (node.has("conn")) {
            JsonNode conn = node.get("conn");
            JsonNode pick = node.get("pick");
            return new Recording.Connect(
                    text(conn.get("from")),
                    text(conn.get("to")),
                    conn.has("proto") ? text(conn.get("proto")) : "tcp",
                    text(conn.get("hold")).equals("open"),
                    pick == null || pick.isNull() ? null : text(pick));
        }
        if (node.has("end")) {
            return new Recording.End(
                    text(node.get("end").get("from")), text(node.get("end").get("how")));
        }
        if (node.has("collect")) {
            return new Recording.Collect(
                    Math.round(node.get("collect").asDouble() * 1000), seen(node.get("seen")));
        }
        if (node.has("wait")) {
            return new Recording.Wait(Math.round(node.get("wait").asDouble() * 1000));
        }
        throw new IOException(file + ": a step of no known kind: " + node);
    }

    private static List<Seen> seen(@Nullable JsonNode list) {
        List<Seen> all = new ArrayList<>();
        if (list == null) {
            return all;
        }
        for (JsonNode node : list) {
            List<String> masked = new ArrayList<>();
            for (JsonNode field : node.path("masked")) {
                masked.add(text(field));
            }
            all.add(
                    new Seen(
                            text(node.get("leg")),
                            text(node.get("dmac")),
                            HEX.parseHex(text(node.get("l3"))),
                            masked));
        }
        return all;
    }

    /** Strings of several lines are stored as arrays of lines. */
    private static String text(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return "";
        }
        if (!node.isArray()) {
            return node.asString();
        }
        StringBuilder joined = new StringBuilder();
        for (JsonNode line : node) {
            joined.append(line.asString());
        }
        return joined.toString();
    }
}
