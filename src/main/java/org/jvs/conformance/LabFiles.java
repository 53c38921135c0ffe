package org.jvs.conformance;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.jvs.conformance.shell.Files;
import org.jvs.conformance.shell.MissingFeature;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.Outcome;
import org.jvs.core.proc.ProcFile;

/** The director's files: the settings and IPVS's files below /proc, the rest in memory. */
final class LabFiles implements Files {
    private static final String SETTINGS = "/proc/sys/net/ipv4/vs";
    private static final String PROC_NET = "/proc/net/";
    private static final Pattern SCHEDULER_EXPIRATION = Pattern.compile("(lblcr?)_expiration");

    private final Admin admin;
    private final String allCommands;
    private final Map<String, String> stored = new TreeMap<>();

    /**
     * Files of a director.
     *
     * @param allCommands what the recording will run: the recorder loads the kernel modules of the
     *     schedulers that are named there, and some settings come with a module
     */
    LabFiles(Admin admin, String allCommands) {
        this.admin = admin;
        this.allCommands = allCommands;
    }

    @Override
    public @Nullable String read(String path) {
        if (path.startsWith(SETTINGS + "/")) {
            String name = path.substring(SETTINGS.length() + 1);
            return isThere(name) ? admin.settings().get(name) + "\n" : null;
        }
        if (path.startsWith(PROC_NET)) {
            ProcFile file = ProcFile.named(path.substring(PROC_NET.length()));
            if (file != null) {
                StringBuilder text = new StringBuilder();
                file.print(admin, line -> text.append(line).append('\n'));
                return text.toString();
            }
        }
        if (path.contains("conntrack")) {
            throw new MissingFeature("conntrack");
        }
        if (path.startsWith("/proc/") || path.startsWith("/sys/")) {
            throw new MissingFeature("file " + path);
        }
        return stored.get(path);
    }

    private boolean isThere(String setting) {
        var module = SCHEDULER_EXPIRATION.matcher(setting);
        if (module.matches()) {
            String scheduler = module.group(1);
            boolean named =
                    Pattern.compile("(-s|--scheduler)[ =]*" + scheduler + "\\b")
                            .matcher(allCommands)
                            .find();
            return named
                    || admin.services().stream()
                            .anyMatch(service -> service.spec().scheduler().equals(scheduler));
        }
        return admin.settings().containsKey(setting);
    }

    @Override
    public boolean canWrite(String path) {
        if (path.startsWith(SETTINGS + "/")) {
            return isThere(path.substring(SETTINGS.length() + 1));
        }
        if (path.startsWith("/proc/") || path.startsWith("/sys/")) {
            throw new MissingFeature("file " + path);
        }
        int slash = path.lastIndexOf('/');
        return list(slash == 0 ? "/" : path.substring(0, slash)) != null;
    }

    @Override
    public boolean write(String path, String contents) {
        if (path.startsWith(SETTINGS + "/")) {
            String name = path.substring(SETTINGS.length() + 1);
            List<Outcome> outcomes = admin.apply(List.of(new Command.SetSetting(name, contents)));
            return outcomes.get(0) == Outcome.OK;
        }
        stored.put(path, contents);
        return true;
    }

    @Override
    public boolean remove(String path) {
        return stored.remove(path) != null;
    }

    @Override
    public @Nullable Collection<String> list(String directory) {
        return switch (directory) {
            case SETTINGS -> admin.settings().keySet().stream().filter(this::isThere).toList();
            case "/", "/tmp", "/run", "/etc", "/dev" -> inMemory(directory);
            default -> null;
        };
    }

    private Collection<String> inMemory(String directory) {
        String prefix = directory.equals("/") ? "/" : directory + "/";
        Collection<String> names = new TreeSet<>();
        for (String path : stored.keySet()) {
            if (path.startsWith(prefix) && path.indexOf('/', prefix.length()) < 0) {
                names.add(path.substring(prefix.length()));
            }
        }
        return names;
    }
}
