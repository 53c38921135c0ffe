package org.jvs.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.jvs.core.net.Address;

/// The attributes of a netlink message or of a nested attribute, by type. What a newer kernel adds
/// is simply not asked for.
final class NetlinkAttributes {
    private static final int TYPE_MASK = 0x3fff; // without the nested and byte-order flags
    private static final NetlinkAttributes NONE = new NetlinkAttributes();

    private final Map<Integer, ByteBuffer> values = new HashMap<>();

    /// Parses what remains in `bytes`.
    ///
    /// @throws IllegalArgumentException if a length runs over the end
    static NetlinkAttributes parse(ByteBuffer bytes) {
        NetlinkAttributes attributes = new NetlinkAttributes();
        ByteBuffer rest = bytes.slice().order(ByteOrder.nativeOrder());
        while (rest.remaining() >= 4) {
            int start = rest.position();
            int length = rest.getShort(start) & 0xffff;
            int type = rest.getShort(start + 2) & TYPE_MASK;
            if (length < 4 || length > rest.remaining()) {
                throw new IllegalArgumentException(
                        "netlink attribute "
                                + type
                                + " of length "
                                + length
                                + " runs over the end");
            }
            attributes.values.put(
                    type, rest.slice(start + 4, length - 4).order(ByteOrder.nativeOrder()));
            rest.position(Math.min(rest.limit(), start + (length + 3 & ~3)));
        }
        return attributes;
    }

    boolean has(int type) {
        return values.containsKey(type);
    }

    int u8(int type, int otherwise) {
        ByteBuffer value = values.get(type);
        return value == null || value.remaining() < 1 ? otherwise : value.get(0) & 0xff;
    }

    int u32(int type, int otherwise) {
        ByteBuffer value = values.get(type);
        return value == null || value.remaining() < 4 ? otherwise : value.getInt(0);
    }

    byte @Nullable [] bytes(int type) {
        ByteBuffer value = values.get(type);
        if (value == null) {
            return null;
        }
        byte[] copy = new byte[value.remaining()];
        value.get(0, copy);
        return copy;
    }

    /// The text up to its terminating zero, or an empty string if it is not there.
    String string(int type) {
        byte[] bytes = bytes(type);
        if (bytes == null) {
            return "";
        }
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    @Nullable Address address(int type) {
        byte[] bytes = bytes(type);
        return bytes == null || bytes.length != 4 && bytes.length != 16
                ? null
                : Address.ofBytes(bytes);
    }

    @Nullable MacAddress mac(int type) {
        byte[] bytes = bytes(type);
        return bytes == null || bytes.length != 6 ? null : MacAddress.ofBytes(bytes);
    }

    NetlinkAttributes nested(int type) {
        ByteBuffer value = values.get(type);
        return value == null ? NONE : parse(value);
    }

    @Nullable ByteBuffer raw(int type) {
        ByteBuffer value = values.get(type);
        return value == null ? null : value.duplicate().order(ByteOrder.nativeOrder());
    }
}
