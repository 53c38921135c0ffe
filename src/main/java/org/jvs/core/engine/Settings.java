package org.jvs.core.engine;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.Outcome;

/**
 * The settings of one director, under the kernel's names, with the kernel's defaults and the
 * kernel's idea of what a write accepts. One thread writes; the packet path reads (volatile).
 *
 * <p>A written text follows the kernel's {@code proc_dointvec}: leading white space, an optional
 * minus, then a decimal, {@code 0x} or {@code 0} octal number that ends at white space; what
 * follows the last number wanted is ignored.
 */
public final class Settings {
    /** The kernel keeps some times in ticks of 1/250 s, which bounds them. */
    private static final long MAX_SECONDS = Integer.MAX_VALUE / 250;

    private final AtomicLongArray values = new AtomicLongArray(Setting.values().length);
    private volatile int syncPeriod = 50;

    /** All settings at their defaults. */
    public Settings() {
        for (Setting setting : Setting.values()) {
            values.set(place(setting), setting.initial());
        }
    }

    // An EnumMap would do, but the packet path reads some of these for each packet.
    @SuppressWarnings("EnumOrdinal") // a place in an array that nobody keeps
    private static int place(Setting setting) {
        return setting.ordinal();
    }

    /** The present value of a setting as a number; of {@code sync_threshold} the first one. */
    public long get(Setting setting) {
        return values.get(place(setting));
    }

    /** The text that the kernel's file would hold, without a newline; null if there is none. */
    public @Nullable String get(String name) {
        Setting setting = Setting.of(name);
        return setting == null ? null : text(setting);
    }

    private String text(Setting setting) {
        long value = get(setting);
        return switch (setting.kind()) {
            case THRESHOLD -> value + "\t" + syncPeriod;
            case UNSIGNED_LONG -> Long.toUnsignedString(value);
            default -> Long.toString(value);
        };
    }

    /** All settings by name, each with the text of its file. */
    public SortedMap<String, String> all() {
        SortedMap<String, String> all = new TreeMap<>();
        for (Setting setting : Setting.values()) {
            all.put(setting.kernelName(), text(setting));
        }
        return Collections.unmodifiableSortedMap(all);
    }

    /**
     * Sets a value as a write to the kernel's file would.
     *
     * @return {@link Outcome#OK}, {@link Outcome#NOT_FOUND} for a name that is none, {@link
     *     Outcome#INVALID} for a value that the kernel refuses; then nothing changed
     */
    public Outcome set(String name, String text) {
        Setting setting = Setting.of(name);
        if (setting == null) {
            return Outcome.NOT_FOUND;
        }
        Numbers numbers = new Numbers(text);
        return setting.kind() == Setting.Kind.UNSIGNED_LONG
                ? store(setting, numbers.unsignedLong())
                : setting.kind() == Setting.Kind.THRESHOLD
                        ? storeThreshold(numbers)
                        : storeNumber(setting, numbers.signedInt());
    }

    private Outcome store(Setting setting, @Nullable Long value) {
        if (value == null) {
            return Outcome.INVALID;
        }
        values.set(place(setting), value);
        return Outcome.OK;
    }

    private Outcome storeNumber(Setting setting, @Nullable Long value) {
        if (value == null) {
            return Outcome.INVALID;
        }
        boolean accepted =
                switch (setting.kind()) {
                    case DEFENCE, RETRIES -> value >= 0 && value <= 3;
                    case VERSION -> value >= 0 && value <= 1;
                    case POWER_OF_TWO -> value > 0 && Long.bitCount(value) == 1;
                    case SECONDS -> Math.abs(value) <= MAX_SECONDS;
                    case NUMBER, UNSIGNED_LONG, THRESHOLD -> true;
                };
        if (!accepted) {
            return Outcome.INVALID;
        }
        // 2 is "automatic, and memory is short". Our tables have a fixed size, so memory is never
        // short, and the kernel itself then turns a 2 back into a 1 at once.
        boolean settles = setting.kind() == Setting.Kind.DEFENCE && value == 2;
        return store(setting, settles ? 1L : value);
    }

    private Outcome storeThreshold(Numbers numbers) {
        Long first = numbers.signedInt();
        if (first == null) {
            return Outcome.INVALID;
        }
        long second = syncPeriod;
        if (!numbers.atEnd()) {
            Long given = numbers.signedInt();
            if (given == null) {
                return Outcome.INVALID;
            }
            second = given;
        }
        if (first < 0 || second < 0 || (first >= second && second != 0)) {
            return Outcome.INVALID;
        }
        syncPeriod = (int) second;
        return store(Setting.SYNC_THRESHOLD, first);
    }

    private int number(Setting setting) {
        return (int) get(setting);
    }

    private boolean on(Setting setting) {
        return get(setting) != 0;
    }

    /** Of how many new connections one is dropped while {@code drop_packet} is 3. */
    public int amDroprate() {
        return number(Setting.AM_DROPRATE);
    }

    /** Forward nothing while a backup sync daemon runs. */
    public boolean backupOnly() {
        return on(Setting.BACKUP_ONLY);
    }

    /** Packets for which no destination is left go to their original address (mark services). */
    public boolean cacheBypass() {
        return on(Setting.CACHE_BYPASS);
    }

    /** Bits: 1 port reuse gives a new connection, 2 also for FTP control; see the kernel's text. */
    public int connReuseMode() {
        return number(Setting.CONN_REUSE_MODE);
    }

    /** Whether netfilter's connection tracking sees our packets; kept, without effect here. */
    public boolean conntrack() {
        return on(Setting.CONNTRACK);
    }

    /** 0 to 3: entries dropped at random under memory pressure. */
    public int dropEntry() {
        return number(Setting.DROP_ENTRY);
    }

    /** 0 to 3: packets of new connections dropped at the rate of {@link #amDroprate}. */
    public int dropPacket() {
        return number(Setting.DROP_PACKET);
    }

    /** A packet of a connection whose destination is gone ends the connection at once. */
    public boolean expireNodestConn() {
        return on(Setting.EXPIRE_NODEST_CONN);
    }

    /** Templates of quiesced destinations are not used for new connections. */
    public boolean expireQuiescentTemplate() {
        return on(Setting.EXPIRE_QUIESCENT_TEMPLATE);
    }

    /** Packets that arrived encapsulated are not forwarded again. */
    public boolean ignoreTunneled() {
        return on(Setting.IGNORE_TUNNELED);
    }

    /** Milliseconds after which an unused lblc entry goes. */
    public long lblcExpirationMs() {
        return get(Setting.LBLC_EXPIRATION) * 1000;
    }

    /** Milliseconds after which an unused lblcr entry goes. */
    public long lblcrExpirationMs() {
        return get(Setting.LBLCR_EXPIRATION) * 1000;
    }

    /** A realserver's packet of no connection is answered with port unreachable. */
    public boolean natIcmpSend() {
        return on(Setting.NAT_ICMP_SEND);
    }

    /** Packets with DF that are too long for the way to the destination are answered. */
    public boolean pmtuDisc() {
        return on(Setting.PMTU_DISC);
    }

    /** Whether rates are estimated. */
    public boolean runEstimation() {
        return on(Setting.RUN_ESTIMATION);
    }

    /** Whether ICMP packets of no connection are scheduled. */
    public boolean scheduleIcmp() {
        return on(Setting.SCHEDULE_ICMP);
    }

    /** 0 to 3: the stricter TCP state table. */
    public int secureTcp() {
        return number(Setting.SECURE_TCP);
    }

    /** Whether any SCTP packet may begin a connection. */
    public boolean sloppySctp() {
        return on(Setting.SLOPPY_SCTP);
    }

    /** Whether any TCP packet may begin a connection. */
    public boolean sloppyTcp() {
        return on(Setting.SLOPPY_TCP);
    }

    /** Whether replies are routed again after their source was changed. */
    public boolean snatReroute() {
        return on(Setting.SNAT_REROUTE);
    }

    /** The text of one written value, taken apart number by number. */
    private static final class Numbers {
        private final String text;
        private int at;

        Numbers(String text) {
            this.text = text;
        }

        boolean atEnd() {
            skipSpace();
            return at == text.length();
        }

        private void skipSpace() {
            while (at < text.length() && isSpace(text.charAt(at))) {
                at++;
            }
        }

        private static boolean isSpace(char c) {
            return c == ' ' || (c >= '\t' && c <= '\r');
        }

        /** The next number if it fits 32 bits with sign, else null. */
        @Nullable Long signedInt() {
            skipSpace();
            boolean negative = at + 1 < text.length() && text.charAt(at) == '-';
            if (negative) {
                at++;
            }
            Long magnitude = magnitude();
            if (magnitude == null
                    || magnitude < 0
                    || magnitude > Integer.MAX_VALUE + (negative ? 1L : 0L)) {
                return null;
            }
            return negative ? -magnitude : magnitude;
        }

        /** The next number if it fits 64 bits without sign, else null. */
        @Nullable Long unsignedLong() {
            skipSpace();
            return magnitude();
        }

        private @Nullable Long magnitude() {
            int radix = 10;
            if (text.startsWith("0", at)) {
                boolean hex =
                        at + 2 < text.length()
                                && (text.charAt(at + 1) | 0x20) == 'x'
                                && Character.digit(text.charAt(at + 2), 16) >= 0;
                radix = hex ? 16 : 8;
                at += hex ? 2 : 0;
            }
            int from = at;
            while (at < text.length() && Character.digit(text.charAt(at), radix) >= 0) {
                at++;
            }
            boolean ended = at == text.length() || " \t\n".indexOf(text.charAt(at)) >= 0;
            if (from == at || !ended) {
                return null;
            }
            try {
                return Long.parseUnsignedLong(text, from, at, radix);
            } catch (NumberFormatException _) {
                return null;
            }
        }
    }
}
