package org.jvs.cli;

import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import org.jvs.lab.Decapsulator;
import org.jvs.linux.Netlink;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code jvs lab-decap}: the end of IPIP tunnels for a realserver whose kernel has no ipip device,
 * in the network namespace it is started in; for tests. Prints {@code ready} and runs until it is
 * ended.
 */
final class LabDecap implements Subcommand {
    @Override
    public void declare(CommandSpec spec) {
        spec.usageMessage().footer("", "The inner packets arrive by the device jvsdecap0.");
    }

    @Override
    public int run(ParseResult line, PrintStream out, PrintStream err) throws InterruptedException {
        try (Netlink netlink = Netlink.open();
                Decapsulator _ = Decapsulator.start(netlink)) {
            out.println("ready: decapsulating to " + Decapsulator.DEVICE);
            out.flush();
            new CountDownLatch(1).await();
        }
        return 0;
    }
}
