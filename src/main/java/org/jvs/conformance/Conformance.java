package org.jvs.conformance;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jvs.conformance.shell.MissingFeature;

/** Plays recordings of the kernel's IPVS to JVS and reports what differs. */
public final class Conformance {
    /** Differences shown of one recording; the rest follows from these as a rule. */
    private static final int LINES_SHOWN = 40;

    private final PrintStream out;
    private final LabNames names = new LabNames();
    private final Map<String, Integer> missing = new TreeMap<>();
    private int passed;
    private int failed;
    private int skipped;

    private Conformance(PrintStream out) {
        this.out = out;
    }

    /**
     * Plays all recordings at or below some paths. The last line printed is {@code N passed, N
     * failed, N skipped}.
     *
     * @return 0 if none failed, otherwise 1
     */
    public static int run(List<Path> paths, PrintStream out) {
        Conformance all = new Conformance(out);
        List<Path> files = new ArrayList<>();
        for (Path path : paths) {
            try {
                files.addAll(RecordingReader.find(path));
            } catch (IOException e) {
                out.println("FAIL " + e.getMessage());
                all.failed++;
            }
        }
        files.forEach(all::judge);
        return all.report();
    }

    private int report() {
        if (!missing.isEmpty()) {
            out.println(
                    missing.entrySet().stream()
                            .map(entry -> entry.getKey() + " " + entry.getValue())
                            .collect(Collectors.joining(", ", "skipped for: ", "")));
        }
        out.println(passed + " passed, " + failed + " failed, " + skipped + " skipped");
        return failed == 0 ? 0 : 1;
    }

    private void judge(Path file) {
        try {
            judge(RecordingReader.read(file));
        } catch (IOException e) {
            out.println("FAIL " + e.getMessage());
            failed++;
        }
    }

    private void judge(Recording recording) {
        StringBuilder commands = new StringBuilder();
        for (Recording.Step step : recording.steps()) {
            if (step instanceof Recording.CommandLine command) {
                commands.append(command.text()).append('\n');
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            Lab lab = new Lab(host -> new DirectorSubject(host, arena), names, commands.toString());
            Playback playback = new Playback(recording, lab);
            String feature = play(playback);
            String name = recording.set() + "/" + recording.name() + ": " + recording.title();
            if (!playback.differences().isEmpty()) {
                failed++;
                out.println("FAIL " + name);
                show(playback.differences());
            } else if (!feature.isEmpty()) {
                skipped++;
                missing.merge(feature, 1, Integer::sum);
                out.println("skip " + name + " [" + feature + " is missing]");
            } else {
                passed++;
                for (KeptDifference kept : playback.kept()) {
                    out.println("kept " + name + " [" + kept.text() + "]");
                }
            }
        }
    }

    /** Plays to the end or to the first step that needs what is not there, which is returned. */
    @SuppressWarnings("CatchAndPrintStackTrace") // a broken engine is a result, not our end
    private String play(Playback playback) {
        try {
            playback.run();
            return "";
        } catch (MissingFeature feature) {
            return String.valueOf(feature.getMessage());
        } catch (RuntimeException e) {
            playback.differences().add("exception: " + e);
            for (StackTraceElement element : e.getStackTrace()) {
                playback.differences().add("  at " + element);
            }
            return "";
        }
    }

    private void show(List<String> lines) {
        lines.stream().limit(LINES_SHOWN).forEach(line -> out.println("    " + line));
        if (lines.size() > LINES_SHOWN) {
            out.println("    ... and " + (lines.size() - LINES_SHOWN) + " more lines");
        }
    }
}
