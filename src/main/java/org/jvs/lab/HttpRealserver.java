package org.jvs.lab;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/// An HTTP/1.1 server on a host of the lab, on all its addresses. Every answer tells in
/// `X-Served-By` who gave it.
///
/// | request | answer |
/// |---|---|
/// | `GET /` | its name |
/// | `GET /bytes/N` | N bytes of the pattern |
/// | `GET /slow/N/MS` | the same, with a pause of MS milliseconds after every 16 KiB |
/// | `PUT /...` | length and CRC-32C of the body in hex |
public final class HttpRealserver implements AutoCloseable {
    private static final int CHUNK = 16 * 1024;

    private final String name;
    private final ServerSocketChannel listener;
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

    private HttpRealserver(String name, ServerSocketChannel listener) {
        this.name = name;
        this.listener = listener;
    }

    /// Starts a server that is called like its host.
    ///
    /// @param port in host order
    public static HttpRealserver start(LabHost host, int port) throws IOException {
        ServerSocketChannel listener = host.call(ServerSocketChannel::open);
        try {
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.bind(new InetSocketAddress(port), 1024);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        HttpRealserver server = new HttpRealserver(host.label(), listener);
        Thread.ofVirtual().name("http-" + host.label()).start(server::accept);
        return server;
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel connection = listener.accept();
                connections.add(connection);
                if (!listener.isOpen()) {
                    connection.close();
                }
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException _) {
            // closed
        }
    }

    /// How many connections are open.
    public int connections() {
        return connections.size();
    }

    /// Dies: connections end where they are, as when a process is killed.
    @Override
    public void close() {
        quietly(listener);
        connections.forEach(HttpRealserver::quietly);
    }

    private static void quietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception _) {
            // it is gone either way
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            connection.setOption(StandardSocketOptions.TCP_NODELAY, true);
            InputStream in = new BufferedInputStream(connection.socket().getInputStream(), CHUNK);
            OutputStream out = connection.socket().getOutputStream();
            HttpHead head = HttpHead.read(in);
            while (head != null) {
                answer(head, in, out);
                if (head.wantsClose()) {
                    return;
                }
                head = HttpHead.read(in);
            }
        } catch (IOException _) {
            // the client has gone, or the server has
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            connections.remove(connection);
        }
    }

    private void answer(HttpHead head, InputStream in, OutputStream out)
            throws IOException, InterruptedException {
        String[] request = head.start().split(" ");
        String[] path = request.length < 2 ? new String[0] : request[1].split("/");
        try {
            if (request[0].equals("PUT")) {
                text(out, "200 OK", digest(in, head.contentLength()));
            } else if (path.length < 2) {
                text(out, "200 OK", name + "\n");
            } else if (path[1].equals("bytes")) {
                pattern(out, Long.parseLong(path[2]), 0);
            } else if (path[1].equals("slow")) {
                pattern(out, Long.parseLong(path[2]), Long.parseLong(path[3]));
            } else {
                text(out, "404 Not Found", "no such page\n");
            }
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException _) {
            text(out, "400 Bad Request", "not understood: " + head.start() + "\n");
        }
    }

    private String digest(InputStream in, long length) throws IOException {
        CRC32C crc = new CRC32C();
        byte[] buffer = new byte[CHUNK];
        long left = length;
        while (left > 0) {
            int got = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (got < 0) {
                throw new IOException("the body ended " + left + " bytes early");
            }
            crc.update(buffer, 0, got);
            left -= got;
        }
        return length + " " + Long.toHexString(crc.getValue());
    }

    private void text(OutputStream out, String status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        byte[] head = head(status, bytes.length);
        byte[] all = new byte[head.length + bytes.length]; // one segment, one wakeup
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(bytes, 0, all, head.length, bytes.length);
        out.write(all);
    }

    private void pattern(OutputStream out, long length, long pauseMs)
            throws IOException, InterruptedException {
        out.write(head("200 OK", length));
        byte[] buffer = new byte[CHUNK];
        long done = 0;
        while (done < length) {
            int count = BytePattern.fill(buffer, done, length);
            out.write(buffer, 0, count);
            done += count;
            if (pauseMs > 0) {
                TimeUnit.MILLISECONDS.sleep(pauseMs);
            }
        }
    }

    private byte[] head(String status, long length) {
        String head =
                "HTTP/1.1 %s\r\nX-Served-By: %s\r\nContent-Length: %d\r\n\r\n"
                        .formatted(status, name, length);
        return head.getBytes(StandardCharsets.ISO_8859_1);
    }
}
