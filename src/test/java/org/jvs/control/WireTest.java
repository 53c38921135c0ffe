package org.jvs.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceSpec;
import org.jvs.core.admin.SyncDaemon;
import org.jvs.core.admin.Timeouts;
import org.jvs.core.net.Address;
import org.jvs.core.net.Family;
import org.jvs.core.net.Protocol;

/** What is written is what is read, and a message cut anywhere is refused. */
class WireTest {
    private static final ServiceKey V6 =
            ServiceKey.virtual(Protocol.SCTP, Address.parse("fd00:10:1::100"), 65535);
    private static final ServiceKey MARK = ServiceKey.ofMark(Family.IPV6, 0xffffffff);

    static Stream<Command> commands() {
        ServiceSpec spec =
                new ServiceSpec(V6, "mh", ServiceSpec.PERSISTENT | ServiceSpec.SCHED2, 360, 64, "");
        ServiceSpec marked = new ServiceSpec(MARK, "wlc", 0, 0, 128, "sip");
        DestinationSpec destination =
                new DestinationSpec(
                        Address.parse("10.10.2.11"),
                        8080,
                        ForwardingMethod.TUNNEL,
                        Integer.MAX_VALUE,
                        100,
                        50,
                        new DestinationSpec.Tunnel(
                                DestinationSpec.Tunnel.Type.GUE,
                                6080,
                                DestinationSpec.Tunnel.REMOTE_CHECKSUM));
        SyncDaemon master =
                new SyncDaemon(true, "eth0", 255, 1400, Address.parse("ff02::81"), 8848, 3);
        SyncDaemon backup = new SyncDaemon(false, "", 0, 0, null, 0, 0);
        return Stream.of(
                new Command.AddService(spec),
                new Command.EditService(marked),
                new Command.DeleteService(MARK),
                new Command.AddDestination(V6, destination),
                new Command.EditDestination(MARK, destination),
                new Command.DeleteDestination(V6, destination),
                new Command.Flush(),
                new Command.Zero(V6),
                new Command.Zero(null),
                new Command.SetTimeouts(new Timeouts(900, 0, 2678400)),
                new Command.StartDaemon(master),
                new Command.StopDaemon(backup),
                new Command.SetSetting("sync_threshold", "3 50"));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void commandsComeBackAndCutOnesAreRefused(Command command) throws IOException {
        Encoder encoder = new Encoder();
        Commands.write(encoder, command);
        byte[] bytes = Arrays.copyOf(encoder.bytes(), encoder.length());
        Decoder decoder = new Decoder(bytes);
        assertThat(Commands.read(decoder)).isEqualTo(command);
        assertThat(decoder.atEnd()).isTrue();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> Commands.read(new Decoder(cut)))
                    .as("%s cut to %d bytes", command, cut.length)
                    .isInstanceOf(EOFException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void valuesMayStraddleChunks(Command command) throws IOException {
        Encoder encoder = new Encoder();
        Commands.write(encoder, command);
        int[] next = {0};
        Decoder decoder =
                new Decoder(() ->
                        next[0] == encoder.length()
                                ? null
                                : new byte[] {encoder.bytes()[next[0]++]});
        assertThat(List.of(Commands.read(decoder))).containsExactly(command);
    }
}
