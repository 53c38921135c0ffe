package org.jvs.control;

import java.io.IOException;
import java.net.ProtocolException;
import org.jvs.core.admin.Command;

/** The commands of {@link ControlProtocol}. */
final class Commands {
    private Commands() {}

    /** A chain of instanceof: a pattern switch would cost ipvsadm its bootstrap at start-up. */
    static void write(Encoder to, Command command) throws IOException {
        if (command instanceof Command.AddService c) {
            to.u8(ControlProtocol.ADD_SERVICE);
            Wire.service(to, c.service());
        } else if (command instanceof Command.EditService c) {
            to.u8(ControlProtocol.EDIT_SERVICE);
            Wire.service(to, c.service());
        } else if (command instanceof Command.DeleteService c) {
            to.u8(ControlProtocol.DELETE_SERVICE);
            Wire.key(to, c.service());
        } else if (command instanceof Command.AddDestination c) {
            to.u8(ControlProtocol.ADD_DESTINATION);
            Wire.key(to, c.service());
            Wire.destination(to, c.destination());
        } else if (command instanceof Command.EditDestination c) {
            to.u8(ControlProtocol.EDIT_DESTINATION);
            Wire.key(to, c.service());
            Wire.destination(to, c.destination());
        } else if (command instanceof Command.DeleteDestination c) {
            to.u8(ControlProtocol.DELETE_DESTINATION);
            Wire.key(to, c.service());
            Wire.destination(to, c.destination());
        } else if (command instanceof Command.Flush) {
            to.u8(ControlProtocol.FLUSH);
        } else if (command instanceof Command.Zero c) {
            to.u8(ControlProtocol.ZERO);
            to.u8(c.service() == null ? 0 : 1);
            if (c.service() != null) {
                Wire.key(to, c.service());
            }
        } else if (command instanceof Command.SetTimeouts c) {
            to.u8(ControlProtocol.SET_TIMEOUTS);
            Wire.timeouts(to, c.timeouts());
        } else if (command instanceof Command.StartDaemon c) {
            to.u8(ControlProtocol.START_DAEMON);
            Wire.daemon(to, c.daemon());
        } else if (command instanceof Command.StopDaemon c) {
            to.u8(ControlProtocol.STOP_DAEMON);
            Wire.daemon(to, c.daemon());
        } else if (command instanceof Command.SetSetting c) {
            to.u8(ControlProtocol.SET_SETTING);
            to.text(c.name());
            to.text(c.value());
        } else {
            throw new ProtocolException("no number for " + command.getClass().getName());
        }
    }

    static Command read(Decoder from) throws IOException {
        int kind = from.u8();
        return switch (kind) {
            case ControlProtocol.ADD_SERVICE -> new Command.AddService(Wire.service(from));
            case ControlProtocol.EDIT_SERVICE -> new Command.EditService(Wire.service(from));
            case ControlProtocol.DELETE_SERVICE -> new Command.DeleteService(Wire.key(from));
            case ControlProtocol.ADD_DESTINATION ->
                    new Command.AddDestination(Wire.key(from), Wire.destination(from));
            case ControlProtocol.EDIT_DESTINATION ->
                    new Command.EditDestination(Wire.key(from), Wire.destination(from));
            case ControlProtocol.DELETE_DESTINATION ->
                    new Command.DeleteDestination(Wire.key(from), Wire.destination(from));
            case ControlProtocol.FLUSH -> new Command.Flush();
            case ControlProtocol.ZERO -> new Command.Zero(from.u8() == 0 ? null : Wire.key(from));
            case ControlProtocol.SET_TIMEOUTS -> new Command.SetTimeouts(Wire.timeouts(from));
            case ControlProtocol.START_DAEMON -> new Command.StartDaemon(Wire.daemon(from));
            case ControlProtocol.STOP_DAEMON -> new Command.StopDaemon(Wire.daemon(from));
            case ControlProtocol.SET_SETTING -> new Command.SetSetting(from.text(), from.text());
            default -> throw new ProtocolException("command " + kind + " is not known here");
        };
    }
}
