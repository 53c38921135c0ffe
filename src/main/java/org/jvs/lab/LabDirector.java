package org.jvs.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jvs.control.ControlClient;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.Outcome;

/// `jvs director` as a process of a host of the lab, spoken to through its control socket: what
/// users run.
public final class LabDirector implements AutoCloseable {
    private static final int READY_TIMEOUT_S = 60;
    private static final int STOP_TIMEOUT_S = 20;
    private static final int KEPT_LINES = 200;

    private final LabHost host;
    private final Process process;
    private final CompletableFuture<String> ready = new CompletableFuture<>();
    private final Deque<String> output = new ArrayDeque<>();

    private LabDirector(LabHost host, Process process) {
        this.host = host;
        this.process = process;
        Thread.ofPlatform().name("director-output").daemon().start(this::read);
    }

    /// Starts a director and waits until it says that it is ready.
    ///
    /// @param arguments those that follow `jvs director`
    /// @throws IOException with what it printed, if it ends or says nothing for a minute
    public static LabDirector start(LabHost host, String... arguments) throws IOException {
        List<String> command = javaCommand();
        command.add("director");
        command.addAll(List.of(arguments));
        LabDirector director =
                new LabDirector(host, host.start(command, ProcessBuilder.Redirect.PIPE));
        try {
            director.ready.get(READY_TIMEOUT_S, TimeUnit.SECONDS);
            return director;
        } catch (ExecutionException | TimeoutException e) {
            director.close();
            throw new IOException("the director is not ready; it said:\n" + director.output(), e);
        } catch (InterruptedException e) {
            director.close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the director started", e);
        }
    }

    /// `java ... org.jvs.cli.Jvs` with the JDK and the class path of this process.
    public static List<String> javaCommand() {
        return new ArrayList<>(
                List.of(
                        System.getProperty("java.home") + "/bin/java",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-Xlog:disable",
                        "-Xlog:all=warning:stderr",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.jvs.cli.Jvs"));
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            String line = reader.readLine();
            while (line != null) {
                synchronized (output) {
                    output.add(line);
                    if (output.size() > KEPT_LINES) {
                        output.remove();
                    }
                }
                if (line.startsWith("ready")) {
                    ready.complete(line);
                }
                line = reader.readLine();
            }
        } catch (IOException _) {
            // it has ended
        }
        ready.completeExceptionally(new IOException("the director has ended"));
    }

    /// The line that began with `ready`.
    public String readyLine() {
        return ready.join();
    }

    /// The last lines it printed.
    public String output() {
        synchronized (output) {
            return String.join("\n", output);
        }
    }

    public LabHost host() {
        return host;
    }

    /// Its process number.
    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// A connection to its control socket, for one thread; the caller closes it.
    public ControlClient connect() throws IOException {
        return host.call(ControlClient::connect);
    }

    /// Carries out commands; the first that is refused is an error.
    public void apply(Command... commands) throws IOException {
        try (ControlClient client = connect()) {
            List<Outcome> outcomes = client.apply(List.of(commands));
            for (int i = 0; i < commands.length; i++) {
                if (outcomes.get(i) != Outcome.OK) {
                    throw new IOException(commands[i] + " was refused: " + outcomes.get(i));
                }
            }
        }
    }

    /// Ends it as `systemctl stop` does, by SIGTERM.
    ///
    /// @return its exit code
    /// @throws IOException if it has not ended after 20 s; it is killed then
    public int stop() throws IOException {
        process.destroy();
        return waitFor("SIGTERM");
    }

    /// Ends it by SIGKILL: it can clean up nothing.
    public void kill() throws IOException {
        process.destroyForcibly();
        int _ = waitFor("SIGKILL");
    }

    private int waitFor(String signal) throws IOException {
        try {
            if (process.waitFor(STOP_TIMEOUT_S, TimeUnit.SECONDS)) {
                return process.exitValue();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        throw new IOException("the director did not end on " + signal + "; it said:\n" + output());
    }

    /// Stops it if it still runs, by SIGKILL if need be.
    @Override
    public void close() {
        if (process.isAlive()) {
            try {
                int _ = stop();
            } catch (IOException e) {
                System.err.println("lab: " + e.getMessage());
            }
        }
    }
}
