package org.jvs.datapath.program;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jvs.core.table.ConnectionTable;
import org.jvs.ebpf.MapRef;
import org.jvs.ebpf.Program;
import org.jvs.linux.BpfMap;
import org.jvs.linux.BpfProgram;

/// A director's tables in maps that programs share. Given to a director as its arena, it hands out
/// the maps' memory in the order in which a director asks for it, then other memory.
public final class SharedTables implements Arena {
    private static final List<MapRef> ORDER =
            List.of(Maps.DESTINATIONS, Maps.COUNTERS, Maps.IPV4, Maps.IPV6);

    public final Layout layout;
    public final MemorySegment clock;
    public final MemorySegment transitions;
    public final MemorySegment addresses;
    public final HopLines hops;

    private final Arena others = Arena.ofShared();
    private final List<BpfMap> maps = new ArrayList<>();
    private final List<MemorySegment> tables = new ArrayList<>();
    private int given;

    public SharedTables(Layout layout) {
        this.layout = layout;
        int slots = layout.slots();
        table(Maps.DESTINATIONS, layout.destinations() * 64);
        table(Maps.COUNTERS, (layout.cpus() + 1) * layout.laneBytes());
        table(Maps.IPV4, (int) ConnectionTable.bytes(false, slots, layout.cpus() + 1));
        table(Maps.IPV6, (int) ConnectionTable.bytes(true, slots, layout.cpus() + 1));
        hops = new HopLines(map(Maps.HOPS, (int) HopLines.bytes(layout.destinations())));
        clock = map(Maps.CLOCK, 64);
        transitions = map(Maps.TRANSITIONS, Transitions.BYTES);
        addresses = map(Maps.ADDRESSES, AddressMarks.BYTES);
        map(Maps.OUT, OutInterfaces.BYTES).fill((byte) -1);
    }

    private MemorySegment map(MapRef name, int bytes) {
        BpfMap map = BpfMap.sharedMemory(name.name(), bytes);
        maps.add(map);
        return map.map().asSlice(0, bytes);
    }

    private void table(MapRef name, int bytes) {
        tables.add(map(name, bytes));
    }

    /// The memory of the destinations, the counters, and both connection tables.
    public MemorySegment table(MapRef name) {
        return tables.get(ORDER.indexOf(name));
    }

    /// Hands a program to the kernel, which may use more maps.
    public BpfProgram load(Program program, BpfMap... more) {
        byte[] code =
                program.code(name ->
                        Stream.concat(maps.stream(), Stream.of(more))
                                .filter(map -> map.name().equals(name))
                                .findFirst()
                                .orElseThrow()
                                .fd()
                                .value());
        return BpfProgram.loadXdp(program.name(), code, program.listing());
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
        if (given == tables.size()) {
            return others.allocate(byteSize, byteAlignment);
        }
        return tables.get(given++).asSlice(0, byteSize);
    }

    @Override
    public MemorySegment.Scope scope() {
        return others.scope();
    }

    @Override
    public void close() {
        maps.forEach(BpfMap::close);
        others.close();
    }
}
