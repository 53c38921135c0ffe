package org.jvs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.FakeAdmin;
import org.jvs.core.admin.Outcome;

class SettingsTest {
    private final FakeAdmin admin = new FakeAdmin();

    SettingsTest() {
        admin.settings.put("sync_threshold", "3\t50");
        admin.settings.put("conn_reuse_mode", "1");
    }

    private String run(String... arguments) throws CommandFailure {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Settings.run(
                admin, List.of(arguments), new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void listsAllPrintsOneAndSets() throws Exception {
        assertThat(run()).isEqualTo("conn_reuse_mode = 1\nsync_threshold = 3\t50\n");
        assertThat(run("sync_threshold")).isEqualTo("3\t50\n");
        assertThat(run("conn_reuse_mode=0", "sync_threshold=2 40", "conn_reuse_mode"))
                .isEqualTo("1\n");
        assertThat(admin.commands)
                .containsExactly(
                        new Command.SetSetting("conn_reuse_mode", "0"),
                        new Command.SetSetting("sync_threshold", "2 40"));
    }

    @Test
    void namesWhatIsWrong() {
        assertThatThrownBy(() -> run("reuse=1"))
                .hasMessage("there is no setting 'reuse'; did you mean conn_reuse_mode?");
        admin.answer = Outcome.INVALID;
        assertThatThrownBy(() -> run("sync_threshold=x"))
                .hasMessage(
                        "'x' is not a value for sync_threshold (two numbers, the first below the"
                                + " second, or the second 0); it stays 3\t50")
                .extracting(e -> ((CommandFailure) e).next())
                .isEqualTo("./jvs settings 'sync_threshold=3 50'");
    }
}
