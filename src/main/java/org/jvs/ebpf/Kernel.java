package org.jvs.ebpf;

/// Functions of the kernel that a packet's way needs, under names that read well; all the others
/// are called by [Code#call(String, Helper, Argument...)]. Results are in R0; nothing in R1 to R5
/// survives.
public final class Kernel {
    private final Code code;

    Kernel(Code code) {
        this.code = code;
    }

    /// Where the value of a key is, or zero if there is none, which has to be asked before it is
    /// read.
    ///
    /// @param result a name for it
    public Var lookUp(String result, MapRef map, Place key) {
        return code.call(result, Helper.MAP_LOOKUP_ELEM, map, key);
    }

    /// Creates or replaces an element; zero, or a negative errno.
    public Var update(MapRef map, Place key, Place value) {
        return code.call("error", Helper.MAP_UPDATE_ELEM, map, key, value, Argument.of(0));
    }

    /// Removes an element; zero, or a negative errno.
    public Var delete(MapRef map, Place key) {
        return code.call("error", Helper.MAP_DELETE_ELEM, map, key);
    }

    /// Sends the packet to the socket, interface or CPU at a map's index; to be returned by the
    /// program.
    ///
    /// @param otherwise the action if there is none
    public Var redirect(MapRef map, Argument index, int otherwise) {
        return code.call("action", Helper.REDIRECT_MAP, map, index, Argument.of(otherwise));
    }

    /// Sends the packet out of the interface of that index; to be returned by the program.
    public Var redirect(Argument interfaceIndex) {
        return code.call("action", Helper.REDIRECT, interfaceIndex, Argument.of(0));
    }

    /// The clock of 1 to 10 ms that costs next to nothing.
    public Var jiffies() {
        return code.call("jiffies", Helper.JIFFIES64);
    }

    /// Nanoseconds since boot; costs about 30 of them.
    public Var nanoseconds() {
        return code.call("now", Helper.KTIME_GET_NS);
    }

    /// Number of the CPU.
    public Var cpu() {
        return code.call("cpu", Helper.GET_SMP_PROCESSOR_ID);
    }

    /// 32 random bits.
    public Var random() {
        return code.call("random", Helper.GET_PRANDOM_U32);
    }

    /// Moves the start of the packet; zero, or a negative errno. Pointers into the packet are void:
    /// see [Packet#reload()].
    ///
    /// @param bytes positive takes away, negative makes room in front
    public Var adjustHead(Var context, int bytes) {
        return code.call("error", Helper.XDP_ADJUST_HEAD, context, Argument.of(bytes));
    }

    /// Moves the end of the packet; as [#adjustHead].
    ///
    /// @param bytes negative takes away
    public Var adjustTail(Var context, Argument bytes) {
        return code.call("error", Helper.XDP_ADJUST_TAIL, context, bytes);
    }

    /// Asks the kernel's routing and neighbour tables; zero if the next hop was found.
    ///
    /// @param request a `struct bpf_fib_lookup` of 64 bytes, which gets the answer
    public Var fibLookup(Var context, Place request, int flags) {
        return code.call(
                "route", Helper.FIB_LOOKUP, context, request, Argument.of(64), Argument.of(flags));
    }

    /// The 32-bit difference that replacing some bytes makes to a checksum.
    ///
    /// @param fromBytes a multiple of four
    /// @param toBytes a multiple of four
    public Var checksumDifference(Place from, int fromBytes, Place to, int toBytes, Argument seed) {
        return code.call(
                "difference",
                Helper.CSUM_DIFF,
                from,
                Argument.of(fromBytes),
                to,
                Argument.of(toBytes),
                seed);
    }
}
