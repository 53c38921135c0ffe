package org.jvs.ebpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/// A finished program: its bytes for the kernel, and a listing for people.
public final class Program {
    private final String name;
    private final List<Instruction> instructions;
    private final Map<Integer, MapRef> maps;
    private final Remarks remarks;

    Program(
            String name,
            List<Instruction> instructions,
            Map<Integer, MapRef> maps,
            Remarks remarks) {
        this.name = name;
        this.instructions = List.copyOf(instructions);
        this.maps = Map.copyOf(maps);
        this.remarks = remarks;
    }

    public String name() {
        return name;
    }

    /// Number of instructions (64-bit constants count as two); the kernel takes at most a million.
    public int size() {
        return instructions.size();
    }

    /// Names of the maps it uses.
    public Set<String> maps() {
        Set<String> names = new HashSet<>();
        maps.values().forEach(map -> names.add(map.name()));
        return names;
    }

    /// The instructions as bpf(2) takes them.
    ///
    /// @throws IllegalStateException if it uses maps by name
    public byte[] code() {
        return code(map -> {
            throw new IllegalStateException(name + " needs to be told which map '" + map + "' is");
        });
    }

    /// The instructions as bpf(2) takes them.
    ///
    /// @param descriptors gives the file descriptor of each of [#maps()]
    public byte[] code(ToIntFunction<String> descriptors) {
        ByteBuffer bytes =
                ByteBuffer.allocate(instructions.size() * Instruction.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < instructions.size(); i++) {
            Instruction instruction = instructions.get(i);
            MapRef map = maps.get(i);
            if (map != null) {
                int descriptor = descriptors.applyAsInt(map.name());
                instruction = instruction.withImmediate(descriptor);
            }
            instruction.encode(bytes);
        }
        return bytes.array();
    }

    /// The program for people. Made when it is asked for.
    public Listing listing() {
        return new Listing(name, () -> new Disassembler(instructions, maps, remarks).rows());
    }

    @Override
    public String toString() {
        return name + " (" + size() + " instructions)";
    }
}
