package org.jvs.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jvs.linux.NetworkNamespace;

/// Removes what labs left whose process was killed before it could clean up.
final class Sweep {
    private Sweep() {}

    /// Removes the namespaces of dead owners, after the processes that these started in them.
    static void run() {
        Set<LabName> dead = new HashSet<>();
        for (String name : NetworkNamespace.list()) {
            LabName.ofNamespace(name).filter(owner -> !owner.isAlive()).ifPresent(dead::add);
        }
        if (dead.isEmpty()) {
            return;
        }
        ProcessHandle.allProcesses()
                .filter(process -> dead.stream().anyMatch(owner -> belongs(process, owner)))
                .forEach(ProcessHandle::destroyForcibly);
        for (String name : NetworkNamespace.list()) {
            if (LabName.ofNamespace(name).filter(dead::contains).isPresent()) {
                NetworkNamespace.named(name).delete();
            }
        }
    }

    private static boolean belongs(ProcessHandle process, LabName owner) {
        try {
            byte[] environment = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/environ"));
            String wanted = "\0" + LabHost.OWNER + "=" + owner + "\0";
            return ("\0" + new String(environment, StandardCharsets.ISO_8859_1) + "\0")
                    .contains(wanted);
        } catch (IOException _) {
            return false; // it has ended
        }
    }
}
