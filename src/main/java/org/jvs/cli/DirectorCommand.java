package org.jvs.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.jvs.control.DirectorDaemon;
import org.jvs.datapath.TableMemoryException;
import org.jvs.linux.BpfLoadException;
import org.jvs.linux.Errno;
import org.jvs.linux.LinuxException;
import org.jvs.linux.SdNotify;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code jvs director}: forwards in the network namespace it is started in, until it gets SIGTERM
 * or SIGINT.
 */
final class DirectorCommand implements Subcommand {
    private static final int MIN_CONNECTIONS = 1 << 10;
    // twice as many IPv6 entries are what fits into a BPF map
    private static final int MAX_CONNECTIONS = 1 << 21;

    @Override
    public void declare(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Runs in the foreground, prints one line that begins with 'ready' once it",
                        "forwards, and ends with SIGTERM or Ctrl-C. Services: bin/ipvsadm.",
                        "Example: sudo ip netns exec middle ./jvs director");
        spec.addOption(
                OptionSpec.builder("--interface")
                        .paramLabel("IF")
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .description(
                                "attach to this interface only; may be repeated. Without it: to all"
                                        + " Ethernet interfaces that are up")
                        .build());
        spec.addOption(
                OptionSpec.builder("--connections")
                        .paramLabel("N")
                        .type(int.class)
                        .description(
                                "room for so many connections of each IP version at ease: twice"
                                        + " as many entries, rounded up to a power of two; 524288"
                                        + " if not given")
                        .build());
        spec.addOption(
                OptionSpec.builder("--compiled")
                        .type(boolean.class)
                        .description(
                                "have XDP programs, compiled from the services, forward"
                                        + " established connections; new: not yet the default")
                        .build());
        spec.addOption(
                OptionSpec.builder("--generic")
                        .type(boolean.class)
                        .description("generic XDP even where the driver has native mode")
                        .build());
    }

    @Override
    public int run(ParseResult line, PrintStream out, PrintStream err) throws Exception {
        DirectorDaemon.Options options = options(line);
        SdNotify manager = SdNotify.fromEnvironment();
        DirectorDaemon daemon;
        try {
            daemon = DirectorDaemon.start(options, text -> err.println("jvs director: " + text));
        } catch (TableMemoryException e) {
            throw new CommandFailure(
                    String.valueOf(e.getMessage()),
                    "./jvs director --connections "
                            + Math.max(MIN_CONNECTIONS, options.connections() / 4));
        } catch (LinuxException | IllegalArgumentException | IOException e) {
            throw failure(e);
        }
        if (daemon.interfaces().isEmpty() && !daemon.refusals().isEmpty()) {
            daemon.close();
            throw new CommandFailure(
                    "attached to no interface: "
                            + daemon.refusals().getFirst().lines().findFirst().orElse(""),
                    "ip -d link, which shows what else is attached");
        }
        stopOnSignal(daemon, manager, err);
        String interfaces =
                daemon.interfaces().isEmpty()
                        ? "no interface yet"
                        : String.join(", ", daemon.interfaces());
        out.println("ready: " + interfaces);
        out.flush();
        manager.ready(interfaces);
        try {
            Throwable cause = daemon.failure().get();
            cause.printStackTrace(err);
            throw new CommandFailure("forwarding ended by an error: " + cause, "./jvs director");
        } catch (InterruptedException | ExecutionException e) {
            throw new CommandFailure("waiting ended: " + e, "./jvs director");
        }
    }

    private static DirectorDaemon.Options options(ParseResult line) throws CommandFailure {
        Set<String> interfaces =
                new HashSet<>(line.matchedOptionValue("--interface", new ArrayList<String>()));
        int wanted =
                line.matchedOptionValue(
                        "--connections", DirectorDaemon.Options.DEFAULT.connections() / 2);
        if (wanted < MIN_CONNECTIONS || wanted > MAX_CONNECTIONS) {
            throw new CommandFailure(
                    "--connections "
                            + wanted
                            + " is not in "
                            + MIN_CONNECTIONS
                            + ".."
                            + MAX_CONNECTIONS,
                    "./jvs director --connections 1000000");
        }
        // at half load moving entries always finds room
        int slots = Integer.highestOneBit(2 * wanted - 1) * 2;
        return new DirectorDaemon.Options(
                interfaces,
                line.hasMatchedOption("--generic"),
                slots,
                line.hasMatchedOption("--compiled"));
    }

    private static CommandFailure failure(Exception e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof IllegalArgumentException) {
            return new CommandFailure(message, "./jvs director, which attaches to all");
        }
        if (e instanceof BpfLoadException) {
            return new CommandFailure(
                    message.lines().findFirst().orElse(message),
                    "uname -r; Linux 5.15 or later with BPF and XDP sockets is needed");
        }
        if (e instanceof LinuxException refused
                && (refused.errno() == Errno.EPERM || refused.errno() == Errno.EACCES)) {
            return new CommandFailure("only root may run a director", "sudo ./jvs director");
        }
        if (e instanceof LinuxException refused && refused.errno() == Errno.EAFNOSUPPORT) {
            return new CommandFailure(
                    message, "a kernel with CONFIG_XDP_SOCKETS=y, as distributions have it");
        }
        return new CommandFailure(message, "./jvs status, which tells of a director that runs");
    }

    /**
     * A signal is the way to end a director: it stops cleanly and the exit code is 0, which a JVM
     * only does if it is halted before its own end.
     */
    private static void stopOnSignal(DirectorDaemon daemon, SdNotify manager, PrintStream err) {
        Thread hook =
                Thread.ofPlatform()
                        .name("jvs-stop")
                        .unstarted(() -> {
                            if (daemon.failure().isDone()) {
                                return;
                            }
                            int code = 0;
                            manager.stopping();
                            try {
                                daemon.close();
                            } catch (IOException | RuntimeException e) {
                                err.println("jvs director: while stopping: " + e.getMessage());
                                code = 1;
                            }
                            err.flush();
                            Runtime.getRuntime().halt(code);
                        });
        Runtime.getRuntime().addShutdownHook(hook);
    }
}
