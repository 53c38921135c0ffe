package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against real UNIX datagram sockets, which the JDK has not: bound by system call.
class SdNotifyTest {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;

    @TempDir Path directory;

    private static void expect(String boundName, String environmentName) {
        byte[] name = boundName.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined();
                Fd server = Syscalls.socket("socket", AF_UNIX, SOCK_DGRAM, 0)) {
            MemorySegment address = arena.allocate(2L + name.length, 8);
            address.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(name, 0, address, JAVA_BYTE, 2, name.length);
            Syscalls.bind("bind", server, address);
            assertThat(SdNotify.of(environmentName).send("READY=1\nSTATUS=hello")).isTrue();
            MemorySegment got = arena.allocate(100);
            long length = Syscalls.call(Nr.READ, server.value(), got.address(), 100);
            assertThat(got.asSlice(0, length).toArray(JAVA_BYTE))
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("READY=1\nSTATUS=hello");
        }
    }

    @Test
    void reachesASocketByItsPath() {
        String path = directory.resolve("notify").toString();
        expect(path, path);
    }

    @Test
    void reachesAnAbstractSocket() {
        String name = "jvs-test-" + ProcessHandle.current().pid();
        expect("\0" + name, "@" + name);
    }

    @Test
    void isSilentWhereNobodyListens() {
        assertThat(SdNotify.of(null).isActive()).isFalse();
        assertThat(SdNotify.of(null).send("READY=1")).isFalse();
        assertThat(SdNotify.of(directory.resolve("none").toString()).send("READY=1")).isFalse();
    }
}
