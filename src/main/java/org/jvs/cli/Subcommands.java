package org.jvs.cli;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The table of the subcommands, in the order of {@code jvs --help}. */
final class Subcommands {
    /**
     * A row of the table.
     *
     * @param summary at most 60 characters
     * @param create makes the command when it is run, so that no other one is loaded; null where
     *     the launcher does it all
     */
    record Entry(String name, String summary, @Nullable Supplier<Subcommand> create) {}

    /** One line here adds a subcommand. */
    static final List<Entry> ALL =
            List.of(
                    new Entry("demo", "watch a director share real connections; root", Demo::new),
                    new Entry(
                            "director",
                            "forward packets in this network namespace",
                            DirectorCommand::new),
                    new Entry("status", "the running director on one screen", Status::new),
                    new Entry(
                            "settings", "list or change what sysctl net.ipv4.vs is", Settings::new),
                    new Entry("proc", "print what /proc/net/ip_vs* would hold", Proc::new),
                    new Entry(
                            "program",
                            "what the director compiled for its interfaces",
                            ProgramCommand::new),
                    new Entry("version", "versions of JVS, Java and the kernel", Version::new),
                    new Entry("build", "build what is out of date and do nothing else", null),
                    new Entry(
                            "conformance",
                            "play recordings of the kernel IPVS to JVS",
                            Conformance::new),
                    new Entry("test", "the whole test suite, e.g. ./jvs test -Dtest=Foo*", null),
                    new Entry("bench", "measure: engine, forward", null));

    /** Helpers of scripts and tests, which {@code --help} does not name. */
    private static final List<Entry> HIDDEN =
            List.of(new Entry("lab-decap", "decapsulate IPIP for this host", LabDecap::new));

    private Subcommands() {}

    static @Nullable Entry find(String name) {
        return Stream.concat(ALL.stream(), HIDDEN.stream())
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElse(null);
    }
}
