package org.jvs.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jvs.core.admin.DirectorStatus;
import org.jvs.core.admin.FakeAdmin;

class StatusQueryTest {
    @TempDir Path directory = Path.of("");

    @Test
    void statusPassesTheSocket() throws Exception {
        FakeAdmin admin = new FakeAdmin();
        admin.status =
                new DirectorStatus(
                        1,
                        2,
                        3,
                        4,
                        List.of(new DirectorStatus.Interface("eth0", "generic", 5, 6, 7, "a")),
                        List.of(new DirectorStatus.ReasonCount("drop", "LOOP", "loops", 8)));
        Path path = directory.resolve("socket");
        try (ControlServer _ = ControlServer.open(path, admin);
                ControlClient client = ControlClient.connect(path)) {
            assertThat(client.status()).isEqualTo(admin.status);
        }
    }
}
