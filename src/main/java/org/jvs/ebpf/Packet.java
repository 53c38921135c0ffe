package org.jvs.ebpf;

/// The packet of an XDP program: its first byte, and the end that every look has to stay before.
public final class Packet {
    private static final Field DATA = Field.u32("data", Xdp.DATA);
    private static final Field DATA_END = Field.u32("data_end", Xdp.DATA_END);
    private static final Field RX_QUEUE = Field.u32("rx_queue_index", Xdp.RX_QUEUE_INDEX);
    private static final Field INGRESS = Field.u32("ingress_ifindex", Xdp.INGRESS_IFINDEX);

    private final Code code;
    private final Var context;
    private final Var data;
    private final Var end;

    private Packet(Code code, Var context, Var data, Var end) {
        this.code = code;
        this.context = context;
        this.data = data;
        this.end = end;
    }

    /// Where a program begins: loads both ends of the packet. Registers from R6 on survive calls.
    ///
    /// @param context where to keep the context; R1 if the program calls nothing before its last
    ///   look at it
    public static Packet open(Code code, Register context, Register data, Register end) {
        Var given = code.context();
        Var kept = given;
        if (context != Register.R1) {
            kept = code.var("context", context).set(given);
        }
        Var from = context == data || context == end ? kept : given;
        Packet packet =
                new Packet(code, kept, code.var("packet", data), code.var("packet_end", end));
        packet.load(from);
        return packet;
    }

    public Var context() {
        return context;
    }

    /// Its first byte.
    public Var data() {
        return data;
    }

    /// Behind its last byte.
    public Var end() {
        return end;
    }

    /// Loads both ends again, after a call that moved them.
    public void reload() {
        load(context);
    }

    private void load(Var from) {
        data.load(from, DATA);
        end.load(from, DATA_END);
        data.set(false, Long.SIZE);
        end.set(false, Long.SIZE);
    }

    /// Goes on only if the packet has so many bytes from a place on; what follows may read them.
    ///
    /// @param scratch any free register's variable
    public void require(Place from, int bytes, Var scratch, Label tooShort) {
        scratch.address(from.plus(from.name() + "+" + bytes, bytes));
        code.when(scratch.gt(end), tooShort);
    }

    /// The receive queue it came in by.
    public Var queue(Register into) {
        return code.var("queue", into).load(context, RX_QUEUE);
    }

    /// The interface it came in by.
    public Var ingress(Register into) {
        return code.var("ingress", into).load(context, INGRESS);
    }
}
