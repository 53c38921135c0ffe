package org.jvs.datapath.program;

import org.jvs.ebpf.MapRef;

/// The pieces of memory that Java and the program share, by the names of their BPF maps. Each is a
/// mappable array of one element (`BpfMap.sharedMemory`); the first five are where a director's
/// tables lie (`SegmentAllocator`).
public final class Maps {
    /// `ConnectionTable` of IPv4.
    public static final MapRef IPV4 = new MapRef("jvs_ipv4");

    /// `ConnectionTable` of IPv6.
    public static final MapRef IPV6 = new MapRef("jvs_ipv6");

    /// `Destinations`.
    public static final MapRef DESTINATIONS = new MapRef("jvs_dests");

    /// `Counters`, with a lane for Java and one for each CPU.
    public static final MapRef COUNTERS = new MapRef("jvs_counters");

    /// [HopLines].
    public static final MapRef HOPS = new MapRef("jvs_hops");

    /// [Transitions].
    public static final MapRef TRANSITIONS = new MapRef("jvs_states");

    /// [AddressMarks].
    public static final MapRef ADDRESSES = new MapRef("jvs_addresses");

    /// [Clock].
    public static final MapRef CLOCK = new MapRef("jvs_clock");

    private Maps() {}
}
