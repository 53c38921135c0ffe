package org.jvs.cli.ipvsadm;

import org.jvs.core.admin.Command;
import org.jvs.core.admin.Outcome;

/** ipvsadm's words for the errors with which IPVS refuses a command. */
final class Messages {
    static final String NO_SERVICE = "No such service";
    static final String NOT_PERMITTED = "Permission denied (you must be root)";

    private Messages() {}

    static String of(Command command, Outcome outcome) {
        return switch (outcome) {
            case OK -> "Success";
            case EXISTS -> exists(command);
            case NOT_FOUND -> notFound(command);
            case NO_SERVICE -> noService(command);
            case INVALID ->
                    "Invalid operation.  Possibly wrong module version, address not unicast, ...";
            case RANGE -> "Numerical result out of range";
            case NO_MEMORY -> "Memory allocation problem";
            case NO_DEVICE -> "No such device";
            case NOT_PERMITTED -> NOT_PERMITTED;
            case BAD_ADDRESS -> "Cannot assign requested address";
        };
    }

    private static String exists(Command command) {
        if (command instanceof Command.AddService) {
            return "Service already exists";
        }
        if (command instanceof Command.AddDestination) {
            return "Destination already exists";
        }
        return command instanceof Command.StartDaemon ? "Daemon has already run" : "File exists";
    }

    private static String notFound(Command command) {
        if (command instanceof Command.AddService || command instanceof Command.EditService) {
            return "Scheduler or persistence engine not found";
        }
        if (command instanceof Command.EditDestination
                || command instanceof Command.DeleteDestination) {
            return "No such destination";
        }
        return "No such file or directory";
    }

    private static String noService(Command command) {
        if (command instanceof Command.AddDestination
                || command instanceof Command.EditDestination
                || command instanceof Command.DeleteDestination) {
            return "Service not defined";
        }
        if (command instanceof Command.StopDaemon) {
            return "No daemon is running";
        }
        boolean ofService =
                command instanceof Command.EditService
                        || command instanceof Command.DeleteService
                        || command instanceof Command.Zero;
        return ofService ? NO_SERVICE : "No such process";
    }
}
