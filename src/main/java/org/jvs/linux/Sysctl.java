package org.jvs.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// Kernel settings below /proc/sys. Those under `net/` are the calling thread's network
/// namespace's: call from inside ([NetworkNamespace#call]) to reach another's.
public final class Sysctl {
    private static final Path ROOT = Path.of("/proc/sys");

    private Sysctl() {}

    /// Reads a setting.
    ///
    /// @param name with slashes, as in `net/ipv4/ip_forward` (interface names may hold dots)
    /// @return the value without its line end, or empty if this kernel has no such setting
    public static Optional<String> read(String name) {
        try {
            return Optional.of(Files.readString(ROOT.resolve(name)).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new LinuxException(
                    "read sysctl " + name, Errno.EIO, String.valueOf(e.getMessage()));
        }
    }

    /// Writes a setting.
    ///
    /// @throws LinuxException ENOENT if there is no such setting, EINVAL if the kernel refuses the
    ///   value
    public static void write(String name, String value) {
        try {
            // No CREATE: a missing setting is an error, not a file to make.
            Files.writeString(ROOT.resolve(name), value, java.nio.file.StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            throw new LinuxException(
                    "write sysctl " + name, Errno.ENOENT, "this kernel has no such setting");
        } catch (java.nio.file.AccessDeniedException e) {
            throw new LinuxException("write sysctl " + name, Errno.EACCES);
        } catch (IOException e) {
            throw new LinuxException(
                    "write sysctl " + name + " = " + value,
                    Errno.EINVAL,
                    String.valueOf(e.getMessage()));
        }
    }

    /// Whether the setting exists here.
    public static boolean exists(String name) {
        return Files.exists(ROOT.resolve(name));
    }
}
