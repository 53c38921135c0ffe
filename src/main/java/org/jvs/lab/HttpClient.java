package org.jvs.lab;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;

/// HTTP/1.1 requests from a host of the lab to one address and port. Any number of threads may use
/// it, virtual ones too. No wait is longer than the timeout; what fails is an [IOException].
public final class HttpClient {
    private static final int TEXT_LIMIT = 4096;

    private final LabHost host;
    private final Address address;
    private final int port;
    private final int timeoutMs;

    /// @param port in host order
    /// @param timeoutMs for the connection, each read and each 64 KiB written, in milliseconds
    public HttpClient(LabHost host, Address address, int port, int timeoutMs) {
        this.host = host;
        this.address = address;
        this.port = port;
        this.timeoutMs = timeoutMs;
    }

    /// An answer, its body consumed.
    ///
    /// @param servedBy name of the realserver
    /// @param length of the body in bytes
    /// @param crc CRC-32C of the body
    /// @param text the first 4096 bytes of the body
    public record Answer(int status, String servedBy, long length, long crc, String text) {
        /// Whether the body is the first `length` bytes of the realservers' pattern.
        public boolean isPattern(long expectedLength) {
            return length == expectedLength && crc == BytePattern.crc(expectedLength);
        }
    }

    /// One GET on a connection of its own.
    public Answer get(String path) throws IOException {
        try (Connection connection = connect()) {
            return connection.request("GET " + path, 0, true);
        }
    }

    /// Sends `length` bytes of the pattern on a connection of their own; an answer of another
    /// length or checksum is an error.
    public Answer put(long length) throws IOException {
        try (Connection connection = connect()) {
            Answer answer = connection.request("PUT /", length, true);
            String expected = length + " " + Long.toHexString(BytePattern.crc(length));
            if (!answer.text.equals(expected)) {
                throw new IOException(
                        "the server received '" + answer.text + "', not '" + expected + "'");
            }
            return answer;
        }
    }

    /// A connection that stays open between requests.
    public Connection connect() throws IOException {
        return connect(0);
    }

    /// As [#connect()], from a certain port.
    ///
    /// @param localPort in host order, 0 for any
    public Connection connect(int localPort) throws IOException {
        SocketChannel channel = host.tcpSocket(address.family());
        try {
            channel.socket().setTcpNoDelay(true);
            if (localPort != 0) {
                channel.socket().setReuseAddress(true);
                channel.bind(new InetSocketAddress(localPort));
            }
            channel.socket().connect(socketAddress(address, port), timeoutMs);
            channel.socket().setSoTimeout(timeoutMs);
            return new Connection(channel, timeoutMs);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    static InetSocketAddress socketAddress(Address address, int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByAddress(address.toBytes()), port);
    }

    /// A connection; for one thread at a time.
    public static final class Connection implements AutoCloseable {
        private final SocketChannel channel;
        private final int timeoutMs;
        private final InputStream in;
        private final OutputStream out;

        private Connection(SocketChannel channel, int timeoutMs) throws IOException {
            this.channel = channel;
            this.timeoutMs = timeoutMs;
            in = new BufferedInputStream(channel.socket().getInputStream(), 64 * 1024);
            out = channel.socket().getOutputStream();
        }

        /// One GET; the connection may be used again.
        public Answer get(String path) throws IOException {
            return request("GET " + path, 0, false);
        }

        private Answer request(String what, long bodyLength, boolean close) throws IOException {
            String head =
                    what
                            + " HTTP/1.1\r\nHost: vip\r\nContent-Length: "
                            + bodyLength
                            + (close ? "\r\nConnection: close" : "")
                            + "\r\n\r\n";
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            byte[] buffer = new byte[64 * 1024];
            long sent = 0;
            while (sent < bodyLength) {
                int count = BytePattern.fill(buffer, sent, bodyLength);
                Watchdog.watch(channel, timeoutMs, () -> out.write(buffer, 0, count));
                sent += count;
            }
            return answer(HttpHead.read(in), buffer);
        }

        private Answer answer(@Nullable HttpHead head, byte[] buffer) throws IOException {
            if (head == null) {
                throw new EOFException("the server closed the connection without an answer");
            }
            long length = head.contentLength();
            CRC32C crc = new CRC32C();
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            long done = 0;
            while (done < length) {
                int got = in.read(buffer, 0, (int) Math.min(buffer.length, length - done));
                if (got < 0) {
                    throw new EOFException(
                            "the body ended after " + done + " of " + length + " bytes");
                }
                crc.update(buffer, 0, got);
                text.write(buffer, 0, Math.min(got, TEXT_LIMIT - text.size()));
                done += got;
            }
            return new Answer(
                    status(head),
                    head.field("x-served-by"),
                    length,
                    crc.getValue(),
                    text.toString(StandardCharsets.UTF_8));
        }

        private static int status(HttpHead head) throws IOException {
            String[] words = head.start().split(" ");
            try {
                return Integer.parseInt(words[1]);
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new IOException("not a status line: " + head.start(), e);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
