package org.jvs.datapath;

import org.jvs.ebpf.Program;
import org.jvs.linux.BpfLoadException;
import org.jvs.linux.BpfMap;
import org.jvs.linux.BpfProgram;

/// Hands programs to the kernel.
final class Loader {
    private Loader() {}

    /// Loads an XDP program, which finds its maps by their names.
    ///
    /// @throws BpfLoadException if the verifier refuses it
    /// @throws IllegalArgumentException if a map that it uses is not given
    static BpfProgram loadXdp(Program program, BpfMap... maps) {
        byte[] code = program.code(name -> descriptor(program, name, maps));
        return BpfProgram.loadXdp(program.name(), code, program.listing());
    }

    private static int descriptor(Program program, String name, BpfMap... maps) {
        for (BpfMap map : maps) {
            if (map.name().equals(name)) {
                return map.fd().value();
            }
        }
        throw new IllegalArgumentException(
                "program " + program.name() + " needs a map '" + name + "' that was not given");
    }
}
