package org.jvs.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jvs.core.net.Address;

/// Builds one netlink request: header, the family's fixed part, then attributes (RFC 3549 section
/// 2.2; attributes are length, type, value, padded to four bytes). Host byte order, except where a
/// value is itself in network order.
///
/// ```
///  0       4     6     8     12      16
///  | len   |type |flags| seq  | port  | fixed part | attr len | attr type | value, padded | ...
/// ```
final class NetlinkMessage {
    static final int HEADER_BYTES = 16;
    static final int FLAG_REQUEST = 0x1;
    static final int FLAG_ACK = 0x4;
    static final int FLAG_REPLACE = 0x100;
    static final int FLAG_EXCL = 0x200;
    static final int FLAG_DUMP = 0x300;
    static final int FLAG_CREATE = 0x400;

    private ByteBuffer buffer = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());

    NetlinkMessage(int type, int flags) {
        u32(0).u16(type).u16(flags | FLAG_REQUEST).u32(0).u32(0);
    }

    NetlinkMessage u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    NetlinkMessage u16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    NetlinkMessage u32(int value) {
        room(4).putInt(value);
        return this;
    }

    NetlinkMessage attr(int type, byte[] value) {
        u16(4 + value.length).u16(type);
        room(value.length).put(value);
        return pad();
    }

    NetlinkMessage attrU8(int type, int value) {
        return attr(type, new byte[] {(byte) value});
    }

    NetlinkMessage attrU32(int type, int value) {
        return u16(8).u16(type).u32(value);
    }

    /// A string attribute with its terminating zero.
    NetlinkMessage attr(int type, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        return attr(type, Arrays.copyOf(text, text.length + 1));
    }

    NetlinkMessage attr(int type, Address value) {
        return attr(type, value.toBytes());
    }

    /// An attribute whose value is what `body` adds.
    NetlinkMessage nest(int type, Consumer<NetlinkMessage> body) {
        int start = buffer.position();
        u16(0).u16(type);
        body.accept(this);
        buffer.putShort(start, (short) (buffer.position() - start));
        return this;
    }

    /// The finished message.
    byte[] encode(int sequence) {
        buffer.putInt(0, buffer.position());
        buffer.putInt(8, sequence);
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private NetlinkMessage pad() {
        while (buffer.position() % 4 != 0) {
            u8(0);
        }
        return this;
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            int capacity = Math.max(buffer.capacity() * 2, buffer.position() + bytes);
            buffer =
                    ByteBuffer.allocate(capacity).order(ByteOrder.nativeOrder()).put(buffer.flip());
        }
        return buffer;
    }
}
