package org.jvs.core.engine;

/**
 * Sizes of a director's tables, which never grow, and its secret.
 *
 * @param connections slots of either connection table (IPv4 and IPv6), a power of two; at half of
 *     it the table is comfortable
 * @param destinations lines for destinations, removed ones with connections left included
 * @param services virtual services
 * @param seed of the connection tables' hash; random in production, so that nobody can aim at one
 *     set
 * @param icmpPerSecond ICMP errors that the director may send of its own; 0 is "no limit"
 * @param lanes writers of the tables that count for themselves: this process, and each CPU of an
 *     XDP program
 */
public record DirectorOptions(
        int connections, int destinations, int services, long seed, int icmpPerSecond, int lanes) {
    /** Tables of this process alone. */
    public DirectorOptions(
            int connections, int destinations, int services, long seed, int icmpPerSecond) {
        this(connections, destinations, services, seed, icmpPerSecond, 1);
    }

    /** A million slots (32 MiB for IPv4, 64 for IPv6), a hundred thousand destinations. */
    public static DirectorOptions withSeed(long seed) {
        return new DirectorOptions(1 << 20, 1 << 17, 1 << 15, seed, 1000);
    }

    /** The same with another number of connection slots. */
    public DirectorOptions withConnections(int slots) {
        return new DirectorOptions(slots, destinations, services, seed, icmpPerSecond, lanes);
    }

    /** The same for so many writers. */
    public DirectorOptions withLanes(int writers) {
        return new DirectorOptions(
                connections, destinations, services, seed, icmpPerSecond, writers);
    }

    /** Lines of counters in each lane: every destination, every service and two more. */
    public int counterLines() {
        return destinations + services + 2;
    }

    /** What the IPv4 connection table's hash is seeded with. */
    public long ipv4Seed() {
        return seed;
    }

    /** What the IPv6 connection table's hash is seeded with. */
    public long ipv6Seed() {
        return seed * 31 + 1;
    }
}
