package org.jvs.cli.ipvsadm;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.jvs.control.ControlClient;
import org.jvs.control.NoDirectorException;
import org.jvs.core.admin.Admin;

/** {@code ipvsadm} as a program: speaks to the director of its network namespace. */
public final class Main implements Supplier<Admin> {
    private Main() {}

    /** Runs the command line and ends the JVM with its status. */
    public static void main(String[] args) {
        int status = run(args, System.in);
        if (status != 0) {
            System.exit(status);
        }
    }

    static int run(String[] args, InputStream in) {
        return Ipvsadm.run(
                args,
                in,
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                FileNames.system(),
                new Main());
    }

    @Override
    public Admin get() {
        try {
            return ControlClient.connect();
        } catch (NoDirectorException e) {
            // the first line is what ipvsadm says without ip_vs, or without being root
            String reason = e.isForbidden() ? Messages.NOT_PERMITTED : "Protocol not available";
            throw new UncheckedIOException(new IOException(reason + "\n" + e.getMessage(), e));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
