package org.jvs.cli;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** {@code jvs conformance DIR...}: recordings of the kernel's IPVS, played to ours. */
final class Conformance implements Subcommand {
    @Override
    public void declare(CommandSpec spec) {
        spec.addPositional(
                PositionalParamSpec.builder()
                        .paramLabel("DIR")
                        .arity("1..*")
                        .type(List.class)
                        .auxiliaryTypes(Path.class)
                        .description("directories with recordings, or recordings (JSON files)")
                        .build());
    }

    @Override
    public int run(ParseResult line, PrintStream out, PrintStream err) throws CommandFailure {
        List<Path> paths = line.matchedPositionalValue(0, List.of());
        if (paths.isEmpty()) {
            throw new ParameterException(
                    line.commandSpec().commandLine(),
                    "which recordings? Name a directory or a file");
        }
        for (Path path : paths) {
            if (!Files.exists(path)) {
                throw new CommandFailure(
                        path + ": no such file or directory", "./jvs conformance DIR");
            }
        }
        return org.jvs.conformance.Conformance.run(paths, out);
    }
}
