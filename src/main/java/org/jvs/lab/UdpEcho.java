package org.jvs.lab;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jvs.core.net.Address;

/// A UDP service of a host of the lab: answers every datagram by its host's name, a colon, and the
/// datagram. One socket per address, because an answer from a wildcard socket would carry the
/// address of the route and not the one asked, which matters for a VIP on `lo`.
public final class UdpEcho implements AutoCloseable {
    private static final int MAX_DATAGRAM = 65_535;

    private final List<DatagramChannel> sockets = new ArrayList<>();
    private final List<Thread> servers = new ArrayList<>();

    private UdpEcho() {}

    /// Starts it on the given addresses of the host.
    ///
    /// @param port in host order
    public static UdpEcho start(LabHost host, List<Address> addresses, int port)
            throws IOException {
        UdpEcho echo = new UdpEcho();
        try {
            for (Address address : addresses) {
                DatagramChannel socket = host.udpSocket(address.family());
                echo.sockets.add(socket);
                socket.bind(HttpClient.socketAddress(address, port));
                echo.servers.add(
                        Thread.ofVirtual()
                                .name("udp-" + host.label() + "-" + address)
                                .start(() -> serve(host.label(), socket)));
            }
        } catch (IOException e) {
            echo.close();
            throw e;
        }
        return echo;
    }

    private static void serve(String name, DatagramChannel socket) {
        byte[] prefix = (name + ":").getBytes(StandardCharsets.UTF_8);
        ByteBuffer datagram = ByteBuffer.allocate(MAX_DATAGRAM + prefix.length);
        while (socket.isOpen()) {
            try {
                datagram.clear().put(prefix);
                SocketAddress from = socket.receive(datagram);
                socket.send(datagram.flip(), from);
            } catch (IOException _) {
                // closed, or an ICMP error for an earlier answer
            }
        }
    }

    /// Sends a datagram from a host and waits for one answer.
    ///
    /// @param localPort in host order, 0 for any
    /// @param timeoutMs in milliseconds; then an [java.net.SocketTimeoutException] is thrown
    public static String ask(
            LabHost host, Address address, int port, int localPort, String text, int timeoutMs)
            throws IOException {
        try (DatagramChannel channel = host.udpSocket(address.family())) {
            if (localPort != 0) {
                channel.bind(new InetSocketAddress(localPort));
            }
            channel.connect(HttpClient.socketAddress(address, port));
            DatagramSocket socket = channel.socket();
            socket.setSoTimeout(timeoutMs);
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            socket.send(
                    new java.net.DatagramPacket(bytes, bytes.length, channel.getRemoteAddress()));
            java.net.DatagramPacket answer =
                    new java.net.DatagramPacket(new byte[MAX_DATAGRAM], MAX_DATAGRAM);
            socket.receive(answer);
            return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
        }
    }

    /// Returns when nobody listens any more: a socket that is being received from lives until its
    /// receiver has returned, and swallows what comes meanwhile.
    @Override
    public void close() {
        for (DatagramChannel socket : sockets) {
            try {
                socket.close();
            } catch (IOException _) {
                // it is gone either way
            }
        }
        try {
            for (Thread server : servers) {
                server.join();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
