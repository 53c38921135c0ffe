package org.jvs.control;

import static org.jvs.control.ControlProtocol.MAX_REQUEST;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.ConnectionListing;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.SyncDaemon;

/**
 * One client of a {@link ControlServer}: reads a request, answers it, until one of them ends it.
 */
final class ClientSession implements Runnable, Encoder.Sink {
    private static final System.Logger LOG = System.getLogger("org.jvs.control");

    private final ControlServer server;
    private final SocketChannel channel;
    private final ByteBuffer header = ByteBuffer.allocate(4);
    private final Encoder reply = new Encoder(this);

    /** Whether a part of the present reply has gone out. */
    private boolean begun;

    /** When the client is dropped, in System.nanoTime; counts only while {@link #timed}. */
    private volatile long deadlineNs;

    private volatile boolean timed;
    private volatile boolean idle;
    private volatile long idleSinceNs;

    /** Whether a request has begun to come in and is not whole yet. */
    private volatile boolean receiving;

    private volatile long receivingSinceNs;

    ClientSession(ControlServer server, SocketChannel channel) {
        this.server = server;
        this.channel = channel;
        idle();
    }

    boolean isIdle() {
        return idle;
    }

    long idleSinceNs() {
        return idleSinceNs;
    }

    /** How long the present request has been coming in, in nanoseconds; 0 if none is. */
    long receivingForNs(long nowNs) {
        return receiving ? nowNs - receivingSinceNs : 0;
    }

    boolean isOverdue(long nowNs) {
        return timed && nowNs - deadlineNs > 0;
    }

    void drop() {
        try {
            channel.close();
        } catch (IOException _) {
            // it is to go, one way or the other
        }
    }

    /** Tells a client that nobody will serve it why, if it listens. */
    static void refuse(SocketChannel channel, String why) {
        byte[] text = why.getBytes(StandardCharsets.UTF_8);
        ByteBuffer message = ByteBuffer.allocate(text.length + 9);
        message.putInt(text.length + 1).put((byte) ControlProtocol.REFUSED).put(text).putInt(0);
        try (channel) {
            channel.configureBlocking(false);
            channel.write(message.flip());
        } catch (IOException _) {
            // it is gone already
        }
    }

    private void idle() {
        idleSinceNs = System.nanoTime();
        receiving = false;
        within(server.limits.idle());
        idle = true;
    }

    private void within(Duration time) {
        deadlineNs = System.nanoTime() + time.toNanos();
        timed = true;
    }

    @Override
    public void run() {
        try (channel) {
            greeting();
            while (true) {
                idle();
                if (!fill(header.clear().limit(1))) {
                    return;
                }
                busy();
                fill(header.limit(4));
                int length = header.getInt(0);
                if (length < 1 || length > MAX_REQUEST) {
                    refuse("a request of " + length + " bytes is not in 1.." + MAX_REQUEST);
                    return;
                }
                byte[] request = new byte[length];
                if (!fill(ByteBuffer.wrap(request))) {
                    throw new EOFException("a request ends too early");
                }
                timed = false;
                receiving = false;
                if (!answer(new Decoder(request))) {
                    return;
                }
                server.requests.increment();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a client of the control socket is gone", e);
        } finally {
            server.gone(this);
        }
    }

    private void busy() {
        receivingSinceNs = System.nanoTime();
        receiving = true;
        idle = false;
        within(server.limits.stall());
    }

    private void greeting() throws IOException {
        if (!fill(header.limit(1))) {
            throw new EOFException("no greeting");
        }
        busy();
        fill(header.limit(4));
        int word = header.getInt(0);
        if (word >>> 8 != ControlProtocol.GREETING) {
            refuse("this is the control socket of a JVS director; use ipvsadm or jvs");
            throw new ProtocolException("not a greeting");
        }
        int version = word & 0xff;
        if (version != ControlProtocol.VERSION) {
            refuse(
                    "the director speaks version "
                            + ControlProtocol.VERSION
                            + " of the control protocol, not "
                            + version
                            + "; use the ipvsadm and jvs that came with it");
            throw new ProtocolException("version " + version);
        }
        header.clear();
    }

    /** Reads until the buffer is full; false if the client ended before its first byte. */
    private boolean fill(ByteBuffer to) throws IOException {
        while (to.hasRemaining()) {
            if (channel.read(to) < 0) {
                if (to.position() == 0) {
                    return false;
                }
                throw new EOFException("a request ends too early");
            }
        }
        return true;
    }

    /** Answers one request; false if there can be no next one. */
    private boolean answer(Decoder request) throws IOException {
        try {
            dispatch(request.u8(), request);
            end();
            return true;
        } catch (EOFException | ProtocolException e) {
            refuse(String.valueOf(e.getMessage()));
            return false;
        } catch (Refusal e) {
            refuse(String.valueOf(e.getMessage()));
            return true;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a request at the control socket failed", e);
            refuse("internal error: " + e);
            return false;
        }
    }

    private void dispatch(int operation, Decoder request) throws IOException {
        switch (operation) {
            case ControlProtocol.APPLY -> apply(request);
            case ControlProtocol.SERVICES -> services();
            case ControlProtocol.SERVICE -> {
                ServiceListing service = server.admin.service(Wire.key(request));
                done();
                reply.u8(service == null ? 0 : 1);
                if (service != null) {
                    Wire.listing(reply, service);
                }
            }
            case ControlProtocol.TOTALS -> {
                done();
                Wire.stats(reply, server.admin.totals());
            }
            case ControlProtocol.CONNECTIONS -> {
                done();
                server.admin.connections(this::connection);
                reply.u8(0);
            }
            case ControlProtocol.TIMEOUTS -> {
                done();
                Wire.timeouts(reply, server.admin.timeouts());
            }
            case ControlProtocol.DAEMONS -> daemons();
            case ControlProtocol.SETTINGS -> settings();
            case ControlProtocol.TABLE_SIZE -> {
                done();
                reply.i32(server.admin.tableSize());
            }
            case ControlProtocol.QUERY -> query(request);
            default -> throw new Refusal("operation " + operation + " is not known here");
        }
    }

    /** The whole request is read before any of it is carried out. */
    private void apply(Decoder request) throws IOException {
        int count = request.i32();
        List<Command> commands = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            commands.add(Commands.read(request));
        }
        if (count < 0 || !request.atEnd()) {
            throw new ProtocolException("a request holds more than its " + count + " commands");
        }
        List<Outcome> outcomes;
        server.commands.lock();
        try {
            outcomes = server.admin.apply(commands);
        } finally {
            server.commands.unlock();
        }
        done();
        for (Outcome outcome : outcomes) {
            Wire.outcome(reply, outcome);
        }
    }

    private void services() throws IOException {
        server.listings.acquireUninterruptibly();
        try {
            done();
            for (ServiceListing service : server.admin.services()) {
                reply.u8(1);
                Wire.listing(reply, service);
            }
            reply.u8(0);
            reply.flush();
        } finally {
            server.listings.release();
        }
    }

    private void connection(ConnectionListing entry) {
        try {
            reply.u8(1);
            Wire.connection(reply, entry);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void daemons() throws IOException {
        List<SyncDaemon> daemons = server.admin.daemons();
        done();
        reply.u8(daemons.size());
        for (SyncDaemon daemon : daemons) {
            Wire.daemon(reply, daemon);
        }
    }

    private void settings() throws IOException {
        Map<String, String> settings = server.admin.settings();
        done();
        reply.u16(settings.size());
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            reply.text(setting.getKey());
            reply.text(setting.getValue());
        }
    }

    private void query(Decoder request) throws IOException {
        String name = request.text();
        List<String> arguments = new ArrayList<>();
        for (int left = request.u8(); left > 0; left--) {
            arguments.add(request.text());
        }
        QueryHandler handler = server.queries.get(name);
        if (handler == null) {
            throw new Refusal(
                    "query '"
                            + name
                            + "' is not known here; known are "
                            + String.join(", ", new TreeSet<>(server.queries.keySet())));
        }
        done();
        try {
            handler.answer(arguments, new Answer());
        } catch (IllegalArgumentException e) {
            throw new Refusal(String.valueOf(e.getMessage()));
        }
    }

    private void done() throws IOException {
        begun = false;
        reply.clear();
        reply.u8(ControlProtocol.DONE);
    }

    private void end() throws IOException {
        reply.flush();
        write(ByteBuffer.wrap(new byte[4]));
        begun = false;
    }

    private void refuse(String why) throws IOException {
        if (begun) {
            throw new IOException("failed in the middle of a reply: " + why);
        }
        reply.clear();
        reply.u8(ControlProtocol.REFUSED);
        byte[] text = why.getBytes(StandardCharsets.UTF_8);
        reply.raw(text, text.length);
        end();
    }

    @Override
    public void send(byte[] bytes, int length) throws IOException {
        begun = true;
        ByteBuffer chunk = ByteBuffer.allocate(length + 4);
        write(chunk.putInt(length).put(bytes, 0, length).flip());
    }

    private void write(ByteBuffer bytes) throws IOException {
        within(server.limits.stall());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        timed = false;
    }

    /** Sends a query's answer on as it is written. */
    private final class Answer implements Appendable {
        @Override
        public Answer append(@Nullable CharSequence text) throws IOException {
            byte[] utf8 = String.valueOf(text).getBytes(StandardCharsets.UTF_8);
            reply.raw(utf8, utf8.length);
            return this;
        }

        @Override
        public Answer append(@Nullable CharSequence text, int start, int end) throws IOException {
            return append(
                    text == null ? "null".substring(start, end) : text.subSequence(start, end));
        }

        @Override
        public Answer append(char c) throws IOException {
            return append(String.valueOf(c));
        }
    }

    /** A request that was understood and is refused. */
    private static final class Refusal extends IOException {
        private static final long serialVersionUID = 1;

        Refusal(String message) {
            super(message);
        }
    }
}
