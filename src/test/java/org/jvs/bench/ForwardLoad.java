package org.jvs.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static org.jvs.ebpf.Register.R1;
import static org.jvs.ebpf.Register.R2;
import static org.jvs.ebpf.Register.R3;
import static org.jvs.ebpf.Register.R4;
import static org.jvs.ebpf.Register.R5;
import static org.jvs.ebpf.Register.R6;
import static org.jvs.ebpf.Register.R7;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import org.jvs.core.net.Address;
import org.jvs.core.net.Protocol;
import org.jvs.core.wire.Checksum;
import org.jvs.core.wire.Ip;
import org.jvs.ebpf.Assembler;
import org.jvs.ebpf.Condition;
import org.jvs.ebpf.Helper;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.Program;
import org.jvs.ebpf.Size;
import org.jvs.ebpf.Xdp;
import org.jvs.linux.BpfMap;
import org.jvs.linux.BpfProgram;
import org.jvs.linux.CpuAffinity;
import org.jvs.linux.MacAddress;
import org.jvs.linux.NetworkNamespace;

/// UDP packets of many flows in turn, sent into a veth as fast as one CPU can: an XDP program run
/// on live frames, which is several times what sockets offer. Checksums are right.
final class ForwardLoad implements AutoCloseable {
    /// Bytes of a frame, without the frame check sequence: the least that Ethernet has.
    static final int FRAME = 60;

    /// The largest number of flows: 16 Ki ports of as many addresses.
    static final int MAX_FLOWS = 1 << 28;

    private static final int IP = 14;
    private static final int UDP = IP + Ip.V4_HEADER;
    private static final int PAYLOAD = UDP + Ip.UDP_HEADER;
    private static final int IDENTIFICATION = IP + 4;
    private static final int TTL = IP + 8;
    private static final int PORT_BITS = 14;
    // The end of a run waits for frames on their way, some 20 ms, so a run is long.
    private static final int RUN = 1 << 21;
    private static final int BATCH = 64;

    private static final ValueLayout.OfShort SHORT =
            JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Arena arena = Arena.ofShared();
    private final BpfMap counter = BpfMap.sharedMemory("jvs_load", 8);
    private final MemorySegment frame;
    private final NetworkNamespace namespace;
    private final BpfProgram program;
    private final AtomicLong sent = new AtomicLong();

    /// Where it goes.
    ///
    /// @param namespace where the sending interface is
    /// @param interfaceIndex the sending interface, an end of a veth
    /// @param from its Ethernet address
    /// @param to Ethernet address of the other end
    /// @param source of whose last two octets all but two bits vary; the second half must be 0
    record Way(
            NetworkNamespace namespace,
            int interfaceIndex,
            MacAddress from,
            MacAddress to,
            Address source,
            Address destination,
            int port) {}

    /// @param flows a power of two
    ForwardLoad(Way way, int flows) {
        namespace = way.namespace;
        frame = frame(way);
        Program code = program(way.interfaceIndex, flows);
        program = BpfProgram.loadXdp(code.name(), code.code(), code.listing());
    }

    /// The frame of the first flow, with what the program writes for it.
    private MemorySegment frame(Way way) {
        MemorySegment f = arena.allocate(FRAME, 8);
        MemorySegment.copy(way.to.toBytes(), 0, f, JAVA_BYTE, 0, 6);
        MemorySegment.copy(way.from.toBytes(), 0, f, JAVA_BYTE, 6, 6);
        f.set(SHORT, 12, (short) 0x0800);
        f.set(JAVA_BYTE, IP, (byte) 0x45);
        f.set(SHORT, IP + Ip.V4_TOTAL_LENGTH, (short) (FRAME - IP));
        f.set(JAVA_BYTE, TTL, (byte) 64);
        f.set(JAVA_BYTE, IP + Ip.V4_PROTOCOL, (byte) Protocol.UDP);
        f.set(INT, IP + Ip.V4_SOURCE, (int) way.source.lo());
        f.set(INT, IP + Ip.V4_DESTINATION, (int) way.destination.lo());
        f.set(SHORT, UDP + 2, (short) way.port);
        f.set(SHORT, UDP + 4, (short) (FRAME - UDP));
        // a field and its complement add up to the same, whatever the field
        f.set(SHORT, IDENTIFICATION, (short) -1);
        f.set(SHORT, PAYLOAD, (short) -1);
        f.set(SHORT, PAYLOAD + 2, (short) -1);
        f.set(SHORT, IP + Ip.V4_CHECKSUM, checksum(Checksum.sum(f, IP, Ip.V4_HEADER, 0)));
        long pseudo = Checksum.sum(f, IP + Ip.V4_SOURCE, 8, Protocol.UDP + (FRAME - UDP));
        f.set(SHORT, UDP + Ip.UDP_CHECKSUM, checksum(Checksum.sum(f, UDP, FRAME - UDP, pseudo)));
        return f;
    }

    private static short checksum(long sum) {
        return (short) ~Checksum.fold(sum);
    }

    private Program program(int interfaceIndex, int flows) {
        Label broken = new Label("broken");
        Assembler code =
                new Assembler()
                        .mov(R6, R1)
                        .load(Size.WORD, R7, R6, Xdp.DATA)
                        .load(Size.WORD, R3, R6, Xdp.DATA_END)
                        .mov(R1, R7)
                        .add(R1, FRAME)
                        .jumpIf(Condition.GT, R1, R3, broken)
                        .note("the number of the flow")
                        .loadMapValue(R1, counter.fd().value(), 0)
                        .load(Size.DOUBLE, R4, R1, 0)
                        .mov(R5, R4)
                        .add(R5, 1)
                        .store(Size.DOUBLE, R1, 0, R5)
                        .and(R4, flows - 1)
                        .note("source port, second half of the source address")
                        .mov(R5, R4)
                        .and(R5, (1 << PORT_BITS) - 1)
                        .or(R5, 1 << PORT_BITS)
                        .store(Size.HALF, R7, UDP, R5)
                        .xor(R5, 0xffff)
                        .store(Size.HALF, R7, PAYLOAD, R5)
                        .shiftRight(R4, PORT_BITS)
                        .or(R4, 1 << PORT_BITS)
                        .store(Size.HALF, R7, IP + Ip.V4_SOURCE + 2, R4)
                        .xor(R4, 0xffff)
                        .store(Size.HALF, R7, IDENTIFICATION, R4)
                        .store(Size.HALF, R7, PAYLOAD + 2, R4)
                        .note("what a receiver may have changed");
        for (int at : new int[] {0, 4, 8, IP + Ip.V4_DESTINATION}) {
            code.store(Size.WORD, R7, at, frame.get(JAVA_INT_UNALIGNED, at));
        }
        for (int at : new int[] {TTL, IP + Ip.V4_CHECKSUM, UDP + 2, UDP + Ip.UDP_CHECKSUM}) {
            code.store(Size.HALF, R7, at, frame.get(JAVA_SHORT_UNALIGNED, at));
        }
        return code.mov(R1, interfaceIndex)
                .mov(R2, 0)
                .call(Helper.REDIRECT)
                .exit()
                .bind(broken)
                .returns(Xdp.ABORTED)
                .assemble("jvs_load");
    }

    /// Packets offered so far, whether the veth took them or not.
    long sent() {
        return sent.get();
    }

    /// Starts sending on a CPU of its own; until [Run#close].
    Run start(int cpu) {
        return new Run(cpu);
    }

    /// Sending.
    final class Run implements AutoCloseable {
        private final Thread thread;
        private volatile boolean stop;

        private Run(int cpu) {
            thread = namespace.thread("load", () -> send(cpu));
            thread.start();
        }

        private void send(int cpu) {
            CpuAffinity.pin(cpu);
            while (!stop) {
                program.runLive(frame, RUN, BATCH);
                sent.addAndGet(RUN);
            }
        }

        @Override
        public void close() {
            stop = true;
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        program.close();
        counter.close();
        arena.close();
    }
}
