package org.jvs.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvs.core.admin.Outcome;

final class SettingsTest {
    private final Settings settings = new Settings();

    @ParameterizedTest
    @CsvSource({
        "conn_reuse_mode, -1, -1",
        "conn_reuse_mode, 0x10, 16",
        "conn_reuse_mode, 010, 8",
        "conn_reuse_mode, 5 6, 5",
        "conn_reuse_mode, -2147483648, -2147483648",
        "drop_entry, 3, 3",
        "drop_packet, 2, 1",
        "sync_ports, 64, 64",
        "sync_ports, 128, 128",
        "sync_qlen_max, 18446744073709551615, 18446744073709551615",
        "sync_refresh_period, -1, -1",
        "lblc_expiration, 60, 60",
    })
    void acceptsWhatTheKernelAccepts(String name, String written, String read) {
        assertThat(settings.set(name, written + "\n")).isEqualTo(Outcome.OK);
        assertThat(settings.get(name)).isEqualTo(read);
    }

    @ParameterizedTest
    @CsvSource({
        "conn_reuse_mode, abc",
        "conn_reuse_mode, 3abc",
        "conn_reuse_mode, ''",
        "conn_reuse_mode, -",
        "conn_reuse_mode, 2147483648",
        "drop_entry, 4",
        "drop_entry, -1",
        "sync_version, 2",
        "sync_ports, 3",
        "sync_ports, 0",
        "sync_retries, 4",
        "sync_qlen_max, -1",
        "sync_threshold, 60 5",
        "sync_refresh_period, 8589935",
    })
    void refusesWhatTheKernelRefuses(String name, String written) {
        String before = settings.get(name);
        assertThat(settings.set(name, written)).isEqualTo(Outcome.INVALID);
        assertThat(settings.get(name)).isEqualTo(before);
    }

    @Test
    void theThresholdHoldsTwoNumbers() {
        assertThat(settings.get("sync_threshold")).isEqualTo("3\t50");
        settings.set("sync_threshold", "5 60");
        settings.set("sync_threshold", "4");
        assertThat(settings.get("sync_threshold")).isEqualTo("4\t60");
        assertThat(settings.set("sync_threshold", "0 0")).isEqualTo(Outcome.OK);
    }

    @Test
    void anUnknownNameIsNotFound() {
        assertThat(settings.set("nonsense", "1")).isEqualTo(Outcome.NOT_FOUND);
        assertThat(settings.get("nonsense")).isNull();
    }
}
