package org.jvs.ebpf;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Functions of the kernel that programs may call (bpf-helpers(7)); the numbers are those of
/// `linux/bpf.h`. Arguments go in R1 to R5, the result is in R0.
public enum Helper {
    /// (map, key pointer): value pointer or null.
    MAP_LOOKUP_ELEM(1, 2),
    /// (map, key pointer, value pointer, flags): 0 or negative errno.
    MAP_UPDATE_ELEM(2, 4),
    /// (map, key pointer): 0 or negative errno.
    MAP_DELETE_ELEM(3, 2),
    /// (): nanoseconds since boot. About 30 ns; see [#JIFFIES64].
    KTIME_GET_NS(5, 0),
    /// (format pointer, size, ...): for debugging, to the trace pipe.
    TRACE_PRINTK(6, -1),
    /// (): 32 random bits.
    GET_PRANDOM_U32(7, 0),
    /// (): number of the CPU.
    GET_SMP_PROCESSOR_ID(8, 0),
    /// (context, program array, index): does not return if it succeeds.
    TAIL_CALL(12, 3),
    /// (interface index, flags): XDP_REDIRECT or XDP_ABORTED.
    REDIRECT(23, 2),
    /// (from pointer, from size, to pointer, to size, seed): 32-bit difference of checksums.
    CSUM_DIFF(28, 5),
    /// (context, delta): moves the start of the packet; 0 or negative errno. Packet pointers
    /// expire.
    XDP_ADJUST_HEAD(44, 2),
    /// (map, key, flags): XDP_REDIRECT, or the flags' low bits if the key is empty.
    REDIRECT_MAP(51, 3),
    /// (context, delta): moves the start of the metadata.
    XDP_ADJUST_META(54, 2),
    /// (context, delta): moves the end of the packet.
    XDP_ADJUST_TAIL(65, 2),
    /// (context, bpf_fib_lookup pointer, size, flags): 0 if the next hop was found.
    FIB_LOOKUP(69, 4),
    /// (spin lock pointer).
    SPIN_LOCK(93, 1),
    /// (spin lock pointer).
    SPIN_UNLOCK(94, 1),
    /// (): jiffies, a clock of 1 to 10 ms that costs next to nothing.
    JIFFIES64(118, 0),
    /// (): nanoseconds since boot, some milliseconds coarse.
    KTIME_GET_COARSE_NS(160, 0),
    /// (context, offset, to pointer, length): copies out of packets in several buffers (5.18).
    XDP_LOAD_BYTES(189, 4);

    private final int number;
    private final int arguments;

    Helper(int number, int arguments) {
        this.number = number;
        this.arguments = arguments;
    }

    /// Refuses a wrong number of arguments.
    void checkArguments(int given) {
        if (given > Register.ARGUMENTS.size() || arguments >= 0 && given != arguments) {
            throw new IllegalArgumentException(
                    this + " takes " + arguments + " arguments, not " + given);
        }
    }

    /// The name in listings, as the kernel spells it.
    String spelled() {
        return name().toLowerCase(Locale.ROOT);
    }

    int number() {
        return number;
    }

    static @Nullable Helper ofNumber(int number) {
        for (Helper helper : values()) {
            if (helper.number == number) {
                return helper;
            }
        }
        return null;
    }
}
