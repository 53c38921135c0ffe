package org.jvs.control;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Admin;
import org.jvs.core.admin.Command;
import org.jvs.core.admin.ConnectionListing;
import org.jvs.core.admin.DirectorStatus;
import org.jvs.core.admin.Outcome;
import org.jvs.core.admin.ServiceKey;
import org.jvs.core.admin.ServiceListing;
import org.jvs.core.admin.Stats;
import org.jvs.core.admin.SyncDaemon;
import org.jvs.core.admin.Timeouts;

/**
 * A director as seen through its control socket. For one thread at a time. What goes wrong on the
 * way is thrown as {@link UncheckedIOException}, because an {@link Admin} in the same process
 * cannot fail.
 */
public final class ControlClient implements Admin, AutoCloseable {
    /** A request is sent once it is as long as this, in bytes, even if commands are left. */
    private static final int REQUEST_TARGET = 1 << 20;

    private static final String PROVIDER = "java.nio.channels.spi.SelectorProvider";

    private final SocketChannel channel;
    private final Encoder request = new Encoder();
    private final ByteBuffer in = ByteBuffer.allocate(32 * 1024).limit(0);
    private boolean greeted;

    private ControlClient(SocketChannel channel) {
        this.channel = channel;
    }

    /** Connects to the director of the calling thread's network namespace. */
    public static ControlClient connect() throws IOException {
        return connect(ControlSocket.path());
    }

    /**
     * Connects to the director that listens at a path.
     *
     * @throws NoDirectorException if there is none, or it is not for this user
     */
    public static ControlClient connect(Path path) throws IOException {
        if (System.getProperty(PROVIDER) == null) {
            // the JDK would choose the same, but search the class path for another one first
            System.setProperty(PROVIDER, "sun.nio.ch.EPollSelectorProvider");
        }
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
            return new ControlClient(channel);
        } catch (IOException e) {
            channel.close();
            String why = e.getMessage() == null ? "" : e.getMessage();
            if (why.startsWith("Permission denied") || why.startsWith("Operation not permitted")) {
                throw new NoDirectorException("no permission to use " + path, true, e);
            }
            throw new NoDirectorException(
                    "No director runs in this network namespace; start one with: jvs director",
                    false,
                    e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<Outcome> apply(List<Command> commands) {
        List<Outcome> outcomes = new ArrayList<>(commands.size());
        try {
            int next = 0;
            while (next < commands.size()) {
                int first = next;
                begin(ControlProtocol.APPLY);
                int countAt = request.length();
                request.i32(0);
                while (next < commands.size() && request.length() < REQUEST_TARGET) {
                    Commands.write(request, commands.get(next++));
                }
                Encoder.put32(request.bytes(), countAt, next - first);
                Decoder reply = send();
                for (int i = first; i < next; i++) {
                    outcomes.add(Wire.outcome(reply));
                }
                reply.finish();
            }
        } catch (IOException e) {
            throw failed(e);
        }
        return outcomes;
    }

    @Override
    public List<ServiceListing> services() {
        try {
            begin(ControlProtocol.SERVICES);
            Decoder reply = send();
            List<ServiceListing> services = new ArrayList<>();
            while (reply.u8() != 0) {
                services.add(Wire.listing(reply));
            }
            reply.finish();
            return services;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public @Nullable ServiceListing service(ServiceKey key) {
        try {
            begin(ControlProtocol.SERVICE);
            Wire.key(request, key);
            Decoder reply = send();
            ServiceListing service = reply.u8() == 0 ? null : Wire.listing(reply);
            reply.finish();
            return service;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public Stats totals() {
        try {
            begin(ControlProtocol.TOTALS);
            Decoder reply = send();
            Stats stats = Wire.stats(reply);
            reply.finish();
            return stats;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void connections(Consumer<ConnectionListing> consumer) {
        try {
            begin(ControlProtocol.CONNECTIONS);
            Decoder reply = send();
            while (reply.u8() != 0) {
                consumer.accept(Wire.connection(reply));
            }
            reply.finish();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public Timeouts timeouts() {
        try {
            begin(ControlProtocol.TIMEOUTS);
            Decoder reply = send();
            Timeouts timeouts = Wire.timeouts(reply);
            reply.finish();
            return timeouts;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public List<SyncDaemon> daemons() {
        try {
            begin(ControlProtocol.DAEMONS);
            Decoder reply = send();
            int count = reply.u8();
            List<SyncDaemon> daemons = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                daemons.add(Wire.daemon(reply));
            }
            reply.finish();
            return daemons;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public SortedMap<String, String> settings() {
        try {
            begin(ControlProtocol.SETTINGS);
            Decoder reply = send();
            int count = reply.u16();
            SortedMap<String, String> settings = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                settings.put(reply.text(), reply.text());
            }
            reply.finish();
            return settings;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public int tableSize() {
        try {
            begin(ControlProtocol.TABLE_SIZE);
            Decoder reply = send();
            int size = reply.i32();
            reply.finish();
            return size;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /**
     * Asks one of the questions that the director's {@link ControlServer} was taught.
     *
     * @throws UncheckedIOException of a {@link RefusedException} if it knows no such question
     */
    public String query(String name, List<String> arguments) {
        try {
            begin(ControlProtocol.QUERY);
            request.text(name);
            request.u8(arguments.size());
            for (String argument : arguments) {
                request.text(argument);
            }
            return send().rest();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Unknown if the director was not taught the question {@code status}. */
    @Override
    public DirectorStatus status() {
        try {
            return DirectorStatus.parse(query("status", List.of()));
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof RefusedException) {
                return DirectorStatus.UNKNOWN;
            }
            throw e;
        }
    }

    private void begin(int operation) throws IOException {
        request.clear();
        if (!greeted) {
            request.i32(ControlProtocol.GREETING << 8 | ControlProtocol.VERSION);
        }
        request.i32(0);
        request.u8(operation);
    }

    /** Sends what has been put together; the reply, after its status. */
    private Decoder send() throws IOException {
        int lengthAt = greeted ? 0 : 4;
        greeted = true;
        Encoder.put32(request.bytes(), lengthAt, request.length() - lengthAt - 4);
        ByteBuffer out = ByteBuffer.wrap(request.bytes(), 0, request.length());
        IOException broken = null;
        try {
            while (out.hasRemaining()) {
                channel.write(out);
            }
        } catch (IOException e) {
            broken = e; // the server may have said why before it closed
        }
        try {
            Decoder reply = new Decoder(new Chunks());
            if (reply.u8() != ControlProtocol.DONE) {
                throw new RefusedException(reply.rest());
            }
            return reply;
        } catch (EOFException e) {
            if (broken != null) {
                e.addSuppressed(broken);
            }
            throw e;
        }
    }

    private UncheckedIOException failed(IOException e) {
        if (!(e instanceof RefusedException)) {
            try {
                channel.close();
            } catch (IOException again) {
                e.addSuppressed(again);
            }
        }
        return new UncheckedIOException(e);
    }

    /** The chunks of one reply. */
    private final class Chunks implements Decoder.Source {
        private boolean ended;

        @Override
        public byte @Nullable [] next() throws IOException {
            if (ended) {
                return null;
            }
            fill(4);
            int length = in.getInt();
            if (length == 0) {
                ended = true;
                return null;
            }
            if (length < 0 || length > ControlProtocol.MAX_CHUNK) {
                throw new ProtocolException(
                        "a chunk of "
                                + length
                                + " bytes is not in 0.."
                                + ControlProtocol.MAX_CHUNK);
            }
            byte[] chunk = new byte[length];
            int have = Math.min(length, in.remaining());
            in.get(chunk, 0, have);
            ByteBuffer rest = ByteBuffer.wrap(chunk, have, length - have);
            while (rest.hasRemaining()) {
                read(rest);
            }
            return chunk;
        }

        private void fill(int count) throws IOException {
            if (in.remaining() < count) {
                in.compact();
                while (in.position() < count) {
                    read(in);
                }
                in.flip();
            }
        }

        private void read(ByteBuffer to) throws IOException {
            if (channel.read(to) < 0) {
                throw new EOFException("the director closed the connection");
            }
        }
    }
}
