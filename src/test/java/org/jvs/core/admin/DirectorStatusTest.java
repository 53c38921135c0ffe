package org.jvs.core.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class DirectorStatusTest {
    @Test
    void passesAsText() {
        DirectorStatus status =
                new DirectorStatus(
                        4711,
                        60,
                        5,
                        1 << 20,
                        List.of(new DirectorStatus.Interface("eth0", "native", 1, 2, 3, "")),
                        List.of(new DirectorStatus.Unreachable("10.2.0.2", "no route")),
                        List.of(new DirectorStatus.ReasonCount("drop", "NO_ROUTE", "no route", 9)));
        assertThat(DirectorStatus.parse(status.toText())).isEqualTo(status);
        assertThat(DirectorStatus.parse("something\tnew\n")).isEqualTo(DirectorStatus.UNKNOWN);
    }

    @Test
    void refusesWhatIsCutOff() {
        assertThatThrownBy(() -> DirectorStatus.parse("interface\teth0\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too few fields");
    }
}
