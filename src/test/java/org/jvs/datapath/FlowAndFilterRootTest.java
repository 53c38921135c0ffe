package org.jvs.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.jvs.datapath.program.FlowProgram;
import org.jvs.datapath.program.Layout;
import org.jvs.datapath.program.Shape;
import org.jvs.datapath.program.SharedTables;
import org.jvs.ebpf.Program;
import org.jvs.linux.BpfMap;
import org.jvs.linux.MacAddress;

/// One program: established connections first, the filter's decision about all others behind.
@Tag("root")
class FlowAndFilterRootTest {
    @Test
    void theKernelTakesBothInOne() {
        MacAddress mac = MacAddress.parse("02:00:00:00:00:01");
        Layout layout = new Layout(64, 1, 2, 16, 16, BpfMap.possibleCpus());
        Program both =
                FlowProgram.of(
                        "jvs_flow",
                        Shape.ALL,
                        layout,
                        mac,
                        true,
                        code -> FilterProgram.emit(code, mac));
        int value = FilterKey.VALUE_BYTES;
        try (SharedTables tables = new SharedTables(layout);
                BpfMap filter =
                        BpfMap.create(
                                BpfMap.Type.HASH,
                                FilterProgram.FILTER.name(),
                                FilterKey.BYTES,
                                value,
                                16,
                                0);
                BpfMap sockets = BpfMap.xskMap(FilterProgram.SOCKETS.name(), 1)) {
            tables.load(both, filter, sockets).close();
        }
        assertThat(both.maps()).contains("jvs_ipv4", "jvs_filter");
    }
}
