package org.jvs.cli.ipvsadm;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;

/**
 * What the build runs once to make ipvsadm's start-up cache: the common commands, spoken to a
 * {@link TrainingDirector}.
 */
public final class Training {
    private static final String[][] COMMANDS = {
        {"-A", "-t", "10.0.0.1:80", "-s", "wlc", "-p", "360"},
        {"-a", "-t", "10.0.0.1:80", "-r", "10.0.0.2:80", "-m", "-w", "1"},
        {"-Ln"},
        {"-L"},
        {"-Ln", "--stats"},
        {"-Lnc"},
        {"-Sn"},
        {"-L", "--timeout"},
        {"-L", "--daemon"},
        {"-R"},
        {"-C"},
    };

    private Training() {}

    /** Runs the commands. */
    public static void main(String[] args) {
        for (String[] command : COMMANDS) {
            byte[] lines = "-A -t 10.0.0.3:80\n-C\n".getBytes(UTF_8);
            Main.run(command, new ByteArrayInputStream(lines));
        }
    }
}
