package org.jvs.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jvs.ebpf.Register.R0;
import static org.jvs.ebpf.Register.R1;
import static org.jvs.ebpf.Register.R10;
import static org.jvs.ebpf.Register.R2;
import static org.jvs.ebpf.Register.R3;
import static org.jvs.ebpf.Register.R4;
import static org.jvs.ebpf.Register.R7;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.jvs.ebpf.Alu;
import org.jvs.ebpf.Assembler;
import org.jvs.ebpf.Condition;
import org.jvs.ebpf.Helper;
import org.jvs.ebpf.Label;
import org.jvs.ebpf.Program;
import org.jvs.ebpf.Size;
import org.jvs.ebpf.Xdp;

/// Programs from our assembler, accepted by the kernel's verifier and run by it.
@Tag("root")
class BpfRootTest {
    private static BpfProgram load(Program program) {
        return BpfProgram.loadXdp(program.name(), program.code(), program.listing());
    }

    private static Program returning(int action) {
        return new Assembler().returns(action).assemble("jvs_ret");
    }

    @Test
    void runsTheSmallestPrograms() {
        try (Arena arena = Arena.ofConfined();
                BpfProgram pass = load(returning(Xdp.PASS));
                BpfProgram drop = load(returning(Xdp.DROP))) {
            MemorySegment packet = arena.allocate(64, 8);
            assertThat(pass.testRun(packet, null, 1).result()).isEqualTo(Xdp.PASS);
            assertThat(drop.testRun(packet, null, 1000).result()).isEqualTo(Xdp.DROP);
            assertThat(pass.identity().name()).isEqualTo("jvs_ret");
            assertThat(pass.identity().tag()).hasSize(16).isNotEqualTo(drop.identity().tag());
        }
    }

    /// Looks the first packet byte up in a hash map, counts in a mapped array, answers from the
    /// map.
    @Test
    void readsAndWritesMaps() {
        try (Arena arena = Arena.ofConfined();
                BpfMap actions = BpfMap.create(BpfMap.Type.HASH, "jvs_actions", 4, 4, 16, 0);
                BpfMap counts = BpfMap.sharedMemory("jvs_counts", 16)) {
            Label miss = new Label("miss");
            Label shortPacket = new Label("short");
            Program program =
                    new Assembler()
                            .load(Size.WORD, R2, R1, Xdp.DATA)
                            .load(Size.WORD, R3, R1, Xdp.DATA_END)
                            .mov(R4, R2)
                            .add(R4, 1)
                            .jumpIf(Condition.GT, R4, R3, shortPacket)
                            .load(Size.BYTE, R4, R2, 0)
                            .store(Size.WORD, R10, -4, R4)
                            .note("count the packet")
                            .loadMapValue(R1, counts.fd().value(), 8)
                            .mov(R2, 1)
                            .atomicAdd(Size.DOUBLE, R1, 0, R2)
                            .loadMap(R1, actions.fd().value())
                            .mov(R2, R10)
                            .add(R2, -4)
                            .call(Helper.MAP_LOOKUP_ELEM)
                            .jumpIf(Condition.EQ, R0, 0, miss)
                            .load(Size.WORD, R0, R0, 0)
                            .exit()
                            .bind(miss)
                            .returns(Xdp.PASS)
                            .bind(shortPacket)
                            .returns(Xdp.ABORTED)
                            .assemble("jvs_maps");
            MemorySegment mapped = counts.map();
            actions.put(7, Xdp.TX);
            MemorySegment packet = arena.allocate(64, 8);
            try (BpfProgram loaded = load(program)) {
                assertThat(loaded.testRun(packet, null, 1).result()).isEqualTo(Xdp.PASS);
                packet.set(JAVA_BYTE, 0, (byte) 7);
                assertThat(loaded.testRun(packet, null, 3).result()).isEqualTo(Xdp.TX);
                assertThat(mapped.get(JAVA_LONG, 8)).isEqualTo(4);
                mapped.set(JAVA_LONG, 8, 100);
                assertThat(actions.delete(7)).isTrue();
                assertThat(actions.delete(7)).isFalse();
                assertThat(loaded.testRun(packet, null, 1).result()).isEqualTo(Xdp.PASS);
                assertThat(mapped.get(JAVA_LONG, 8)).isEqualTo(101);
            }
        }
    }

    @Test
    void mapElementsSinglyAndInBatches() {
        try (Arena arena = Arena.ofConfined();
                BpfMap map = BpfMap.create(BpfMap.Type.LRU_HASH, "jvs_lru", 8, 8, 1024, 0);
                BpfMap perCpu = BpfMap.create(BpfMap.Type.PERCPU_ARRAY, "jvs_cpu", 4, 8, 1, 0)) {
            MemorySegment keys = arena.allocate(8 * 100, 8);
            MemorySegment values = arena.allocate(8 * 100, 8);
            for (int i = 0; i < 100; i++) {
                keys.setAtIndex(JAVA_LONG, i, i);
                values.setAtIndex(JAVA_LONG, i, i * 3L);
            }
            assertThat(map.updateBatch(keys, values, 100)).isEqualTo(100);
            MemorySegment value = arena.allocate(8, 8);
            assertThat(map.lookup(keys.asSlice(8 * 33, 8), value)).isTrue();
            assertThat(value.get(JAVA_LONG, 0)).isEqualTo(99);
            assertThat(map.lookupBatch(keys, values, 100)).isEqualTo(100);
            assertThat(values.getAtIndex(JAVA_LONG, 5))
                    .isEqualTo(keys.getAtIndex(JAVA_LONG, 5) * 3);
            assertThat(map.delete(keys.asSlice(0, 8))).isTrue();
            assertThat(map.lookup(keys.asSlice(0, 8), value)).isFalse();
            assertThat(map.nextKey(null, value)).isTrue();
            assertThatThrownBy(() -> map.update(keys.asSlice(8, 8), value, BpfMap.NO_EXIST))
                    .hasMessageContaining("EEXIST");
            assertThat(perCpu.transferBytes()).isEqualTo(8 * BpfMap.possibleCpus());
        }
    }

    /// The incremental checksum of RFC 1624: HC' = ~(~HC + ~m + m'), folded twice.
    @Test
    void computesAChecksum() {
        Label shortPacket = new Label("short");
        Program program =
                new Assembler()
                        .load(Size.WORD, R7, R1, Xdp.DATA)
                        .load(Size.WORD, R3, R1, Xdp.DATA_END)
                        .mov(R4, R7)
                        .add(R4, 34)
                        .jumpIf(Condition.GT, R4, R3, shortPacket)
                        .note("new destination 10.0.0.9; both halves of the old one go")
                        .load(Size.HALF, R0, R7, 24)
                        .xor(R0, 0xffff)
                        .load(Size.HALF, R2, R7, 30)
                        .xor(R2, 0xffff)
                        .add(R0, R2)
                        .load(Size.HALF, R2, R7, 32)
                        .xor(R2, 0xffff)
                        .add(R0, R2)
                        .store(Size.WORD, R7, 30, 0x0900000a)
                        .add(R0, 0x000a + 0x0900)
                        .mov(R2, R0)
                        .shiftRight(R2, 16)
                        .and(R0, 0xffff)
                        .add(R0, R2)
                        .mov(R2, R0)
                        .shiftRight(R2, 16)
                        .alu32(Alu.ADD, R0, R2)
                        .xor(R0, 0xffff)
                        .store(Size.HALF, R7, 24, R0)
                        .returns(Xdp.TX)
                        .bind(shortPacket)
                        .returns(Xdp.ABORTED)
                        .assemble("jvs_csum");
        try (Arena arena = Arena.ofConfined();
                BpfProgram loaded = load(program)) {
            MemorySegment packet = arena.allocate(64, 8);
            MemorySegment output = arena.allocate(64, 8);
            byte[] ip = {
                0x45,
                0,
                0,
                50,
                0,
                0,
                0x40,
                0,
                64,
                6,
                0,
                0,
                10,
                1,
                0,
                1,
                (byte) 192,
                (byte) 168,
                0,
                1
            };
            MemorySegment.copy(ip, 0, packet, JAVA_BYTE, 14, ip.length);
            packet.set(JAVA_SHORT, 24, (short) ~sum(packet));
            BpfProgram.TestRun run = loaded.testRun(packet, output, 1);
            assertThat(run.result()).isEqualTo(Xdp.TX);
            assertThat(run.outputBytes()).isEqualTo(64);
            assertThat(output.get(JAVA_INT.withByteAlignment(1), 30)).isEqualTo(0x0900000a);
            assertThat(sum(output)).isEqualTo(0xffff);
        }
    }

    private static int sum(MemorySegment packet) {
        int sum = 0;
        for (int at = 14; at < 34; at += 2) {
            sum += packet.get(JAVA_SHORT, at) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (sum & 0xffff) + (sum >>> 16);
    }

    @Test
    void aLinkEndsWithItsHandle() {
        try (TestNamespaces namespaces = new TestNamespaces()) {
            NetworkNamespace here = namespaces.create();
            try (Netlink net = Netlink.open(here);
                    BpfProgram pass = load(returning(Xdp.PASS));
                    BpfProgram drop = load(returning(Xdp.DROP))) {
                net.links().createVeth(LinkSpec.named("v0"), LinkSpec.named("v1"));
                int v0 = net.links().get("v0").index();
                XdpLink link = here.call(() -> XdpLink.attachBest(pass, v0));
                assertThat(link.mode()).isEqualTo(XdpLink.Mode.NATIVE);
                assertThat(link.isAttached()).isTrue();
                Link seen = net.links().get("v0");
                assertThat(seen.xdp()).isEqualTo(Link.XdpAttachment.NATIVE);
                assertThat(BpfProgram.identity(seen.xdpProgramId()).name()).isEqualTo("jvs_ret");
                assertThatThrownBy(() ->
                                here.call(() -> XdpLink.attach(drop, v0, XdpLink.Mode.NATIVE)))
                        .hasMessageContaining("another XDP program is attached");
                link.update(drop);
                assertThat(net.links().get("v0").xdpProgramId()).isEqualTo(drop.identity().id());
                link.close();
                assertThat(net.links().get("v0").xdp()).isEqualTo(Link.XdpAttachment.NONE);
                XdpLink generic = here.call(() -> XdpLink.attach(pass, v0, XdpLink.Mode.GENERIC));
                assertThat(net.links().get("v0").xdp()).isEqualTo(Link.XdpAttachment.GENERIC);
                net.links().delete(v0);
                assertThat(generic.isAttached()).isFalse();
                generic.close();
            }
        }
    }
}
