package org.jvs.datapath;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.DestinationSpec;
import org.jvs.core.admin.ForwardingMethod;
import org.jvs.core.admin.Outcome;
import org.jvs.core.engine.Director;
import org.jvs.core.engine.DirectorOptions;
import org.jvs.datapath.program.AddressMarks;
import org.jvs.datapath.program.FlowProgram;
import org.jvs.datapath.program.Layout;
import org.jvs.datapath.program.Maps;
import org.jvs.datapath.program.OutInterfaces;
import org.jvs.datapath.program.Shape;
import org.jvs.datapath.program.Transitions;
import org.jvs.ebpf.Program;
import org.jvs.linux.BpfMap;
import org.jvs.linux.MacAddress;

/// The compiled path: what the programs that forward established connections are rendered from, and
/// what they read beside the director's tables, kept in step with the configuration.
///
/// The shape grows with the command that needs it, before the command is answered, and shrinks
/// within a second of the last removal. Programs of another shape replace the old ones atomically.
public final class FlowPrograms {
    private static final String NAME = "jvs_flow";

    private final Director director;
    private final SharedTables tables;
    private final Jiffies jiffies;
    private final Layout layout;
    private final MemorySegment transitions;
    private final MemorySegment addresses;
    private final MemorySegment out;
    private volatile Shape shape;
    private boolean mayShrink;

    /// @param jiffies the clock that programs read
    public FlowPrograms(Director director, SharedTables tables, Jiffies jiffies) {
        this.director = director;
        this.tables = tables;
        this.jiffies = jiffies;
        DirectorOptions options = director.options();
        layout =
                new Layout(
                        options.connections(),
                        options.ipv4Seed(),
                        options.ipv6Seed(),
                        options.destinations(),
                        options.counterLines(),
                        options.lanes() - 1);
        transitions = tables.block("state transitions", Maps.TRANSITIONS, Transitions.BYTES);
        addresses = tables.block("addresses", Maps.ADDRESSES, AddressMarks.BYTES);
        out = tables.block("interfaces", Maps.OUT, OutInterfaces.BYTES);
        writeTransitions();
        shape = Shape.empty(pathMtuDiscovery());
    }

    private void writeTransitions() {
        Transitions.write(transitions, director.timeouts(), setting("secure_tcp") > 1);
    }

    private int setting(String name) {
        return Integer.parseInt(Objects.requireNonNull(director.settings().get(name)).strip());
    }

    /// The program of an interface.
    ///
    /// @param partialChecksums whether it may hand up unfinished checksums
    Program of(MacAddress mac, boolean partialChecksums) {
        return FlowProgram.of(
                NAME, shape, layout, mac, partialChecksums, code -> FilterProgram.emit(code, mac));
    }

    /// The maps that programs need, beside those of the interface.
    List<BpfMap> maps() {
        List<BpfMap> maps = new ArrayList<>(tables.maps());
        maps.add(jiffies.map());
        return maps;
    }

    /// Says whether an interface sends what a program gives it.
    synchronized void sends(int interfaceIndex, boolean sends) {
        OutInterfaces.set(out, interfaceIndex, sends);
    }

    /// Follows commands that were carried out.
    ///
    /// @return whether programs have to be rendered anew
    synchronized boolean follow(List<Command> commands, List<Outcome> outcomes) {
        Shape wanted = shape;
        for (int i = 0; i < commands.size(); i++) {
            if (outcomes.get(i) == Outcome.OK) {
                wanted = follow(commands.get(i), wanted);
            }
        }
        return become(wanted);
    }

    private Shape follow(Command command, Shape before) {
        switch (command) {
            case Command.AddService(var spec) -> {
                if (!spec.key().isMark()) {
                    AddressMarks.addVirtual(addresses, spec.key().address());
                }
                return before.with(spec);
            }
            case Command.EditService(var spec) -> {
                return before.with(spec);
            }
            case Command.AddDestination(var _, var spec) -> {
                return withDestination(before, spec);
            }
            case Command.EditDestination(var _, var spec) -> {
                return withDestination(before, spec);
            }
            case Command.DeleteService _, Command.DeleteDestination _, Command.Flush _ -> {
                // without services nothing is forwarded, at once; the rest has time
                mayShrink = true;
                return director.serviceCount() == 0 ? Shape.empty(pathMtuDiscovery()) : before;
            }
            case Command.SetTimeouts _ -> writeTransitions();
            case Command.SetSetting _ -> {
                writeTransitions();
                return before.pathMtuDiscovery() == pathMtuDiscovery()
                        ? before
                        : Shape.of(director.services(), pathMtuDiscovery());
            }
            case Command.Zero _, Command.StartDaemon _, Command.StopDaemon _ -> {}
        }
        return before;
    }

    private Shape withDestination(Shape before, DestinationSpec spec) {
        if (spec.method() == ForwardingMethod.NAT) {
            AddressMarks.addRealserver(addresses, spec.address());
        }
        return before.with(spec);
    }

    private boolean pathMtuDiscovery() {
        return setting("pmtu_disc") != 0;
    }

    /// Looks whether the configuration became simpler; to be called every second or so.
    ///
    /// @return whether programs have to be rendered anew
    synchronized boolean advance() {
        if (!mayShrink) {
            return false;
        }
        mayShrink = false;
        return become(Shape.of(director.services(), pathMtuDiscovery()));
    }

    private boolean become(Shape wanted) {
        boolean differs = !wanted.equals(shape);
        shape = wanted;
        return differs;
    }
}
