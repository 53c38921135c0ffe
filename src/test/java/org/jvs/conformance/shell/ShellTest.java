package org.jvs.conformance.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ShellTest {
    /** Files in one directory, /tmp; the file "stubborn" takes nothing. */
    private static final class MemoryFiles implements Files {
        final Map<String, String> contents = new TreeMap<>();

        @Override
        public @Nullable String read(String path) {
            return contents.get(path);
        }

        @Override
        public boolean canWrite(String path) {
            return path.startsWith("/tmp/");
        }

        @Override
        public boolean write(String path, String text) {
            contents.put(path, text);
            return !path.endsWith("stubborn");
        }

        @Override
        public boolean remove(String path) {
            return contents.remove(path) != null;
        }

        @Override
        public @Nullable Collection<String> list(String directory) {
            return directory.equals("/tmp")
                    ? contents.keySet().stream().map(path -> path.substring(5)).toList()
                    : directory.equals("/") ? List.of() : null;
        }
    }

    private final MemoryFiles files = new MemoryFiles();
    private final StringBuilder out = new StringBuilder();
    private final StringBuilder err = new StringBuilder();

    private int run(String line) {
        Map<String, Program> programs = new HashMap<>();
        TextTools tools = new TextTools(files);
        tools.addTo(programs);
        Shell shell = new Shell(files, programs);
        tools.bind(shell);
        return shell.run(line, new Streams("in 1\nin 2\n", out, err));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "echo a 'b  c' \"d e\"f # a b  c d ef",
                "false; echo $? # 1",
                "false && echo no || echo yes # yes",
                "! false && echo yes # yes",
                "for i in 1 2 3; do printf '%s,' $i; done # 1,2,3,",
                "for i in $(seq 1 3); do echo -n $((i*2)); done # 246",
                "x=5; echo \"$x ${x}0\" # 5 50",
                "if [ 1 -lt 2 ]; then echo yes; else echo no; fi # yes",
                "n=0; while [ $n -lt 3 ]; do n=$((n+1)); done; echo $n # 3",
                "echo hello | tr l L | grep -c LL # 1",
                "(echo b; echo a) | sort | head -n 1 # a",
                "{ echo b; echo a; } | sort -r | tail -1 # a",
                "cat | wc -l # 2",
                "echo one >/tmp/f; echo two >>/tmp/f; cat < /tmp/f | wc -l # 2",
                "echo x > /tmp/a; echo y > /tmp/b; cd /tmp && for f in *; do echo -n $f$(cat $f); done # axby",
                "true & echo $! # 100",
                "echo lost 2>&1 >/dev/null; echo kept # kept",
            })
    void understands(String line, String printed) {
        run(line.strip());
        assertThat(out.toString().strip()).isEqualTo(printed.strip());
        assertThat(err).isEmpty();
    }

    @Test
    void aHashInsideAWordIsNoComment() {
        run("echo a#b '#' # said");
        assertThat(out).asString().isEqualTo("a#b #\n");
    }

    @Test
    void complainsLikeDash() {
        assertThat(run("echo 1 > /nowhere/x; echo rc=$?; cat /nowhere/x")).isEqualTo(1);
        assertThat(out).asString().isEqualTo("rc=2\n");
        assertThat(err)
                .asString()
                .isEqualTo(
                        """
                        sh: 1: eval: cannot create /nowhere/x: Directory nonexistent
                        cat: can't open '/nowhere/x': No such file or directory
                        """);
        err.setLength(0);
        assertThat(run("echo 1 > /tmp/stubborn")).isEqualTo(1);
        assertThat(err).asString().isEqualTo("sh: 1: echo: echo: I/O error\n");
    }

    @Test
    void namesWhatItDoesNotKnow() {
        assertThatThrownBy(() -> run("awk '{print}'"))
                .isInstanceOf(MissingFeature.class)
                .hasMessage("shell command awk");
        assertThatThrownBy(() -> run("echo ${x:-1}")).isInstanceOf(MissingFeature.class);
    }
}
