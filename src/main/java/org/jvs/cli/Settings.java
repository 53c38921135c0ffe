package org.jvs.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jvs.control.ControlClient;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.Outcome;
import org.jvs.core.engine.Setting;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code jvs settings}: the kernel's {@code /proc/sys/net/ipv4/vs} under the same names. Without
 * arguments it lists all; a name prints its value alone; {@code NAME=VALUE} sets it.
 */
final class Settings implements Subcommand {
    @Override
    public void declare(CommandSpec spec) {
        spec.usageMessage()
                .footer(
                        "",
                        "Without arguments all settings are listed; NAME prints its value alone;",
                        "NAME=VALUE sets it until the director stops. Meanings and ranges:",
                        "docs/user-guide.md. Example: ./jvs settings expire_nodest_conn=1");
        spec.addPositional(
                PositionalParamSpec.builder()
                        .index("0..*")
                        .arity("0..*")
                        .paramLabel("NAME[=VALUE]")
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .description("a setting to print or to change")
                        .build());
    }

    @Override
    public int run(ParseResult line, PrintStream out, PrintStream err) throws CommandFailure {
        List<String> arguments = new ArrayList<>();
        line.matchedPositionals().forEach(p -> arguments.addAll(p.stringValues()));
        try (ControlClient director = Director.connect()) {
            run(director, arguments, out);
        }
        return 0;
    }

    /** All arguments in order; the first that fails ends it. */
    static void run(Admin admin, List<String> arguments, PrintStream out) throws CommandFailure {
        if (arguments.isEmpty()) {
            for (Map.Entry<String, String> setting : admin.settings().entrySet()) {
                out.println(setting.getKey() + " = " + setting.getValue());
            }
        }
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals).strip();
            SortedMap<String, String> settings = admin.settings();
            String present = settings.get(name);
            if (present == null) {
                throw new CommandFailure(unknown(name, settings), "./jvs settings");
            }
            if (equals < 0) {
                out.println(present);
            } else {
                set(admin, name, argument.substring(equals + 1).strip(), present);
            }
        }
    }

    private static void set(Admin admin, String name, String value, String present)
            throws CommandFailure {
        Outcome outcome = admin.apply(List.of(new Command.SetSetting(name, value))).getFirst();
        switch (outcome) {
            case OK -> {}
            case NOT_PERMITTED ->
                    throw new CommandFailure(
                            name + " cannot be changed; it is " + present, "./jvs settings");
            default -> {
                Setting setting = Setting.of(name);
                String range = setting == null ? "" : " (" + setting.range() + ")";
                throw new CommandFailure(
                        "'%s' is not a value for %s%s; it stays %s"
                                .formatted(value, name, range, present),
                        "./jvs settings '" + name + "=" + present.replace('\t', ' ') + "'");
            }
        }
    }

    private static String unknown(String name, SortedMap<String, String> settings) {
        List<String> similar =
                settings.keySet().stream()
                        .filter(known -> !name.isEmpty() && known.contains(name))
                        .toList();
        return "there is no setting '"
                + name
                + "'"
                + (similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?");
    }
}
