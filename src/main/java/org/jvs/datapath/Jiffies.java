package org.jvs.datapath;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import org.jvs.datapath.program.Clock;
import org.jvs.datapath.program.Maps;
import org.jvs.ebpf.Code;
import org.jvs.ebpf.Field;
import org.jvs.ebpf.MapRef;
import org.jvs.ebpf.Register;
import org.jvs.ebpf.Var;
import org.jvs.ebpf.Xdp;
import org.jvs.linux.BpfMap;
import org.jvs.linux.BpfProgram;

/// The director's clock for programs in the kernel ([Clock]): kept right by comparing the kernel's
/// jiffies with this process's clock, CLOCK_MONOTONIC, once a second.
///
/// A tiny program tells the jiffies. How long a jiffy is (1, 3.33, 4 or 10 ms: the kernel's HZ,
/// which it does not tell) follows from two readings a tenth of a second apart; the second one is
/// made when somebody needs the clock or a second has passed, so nobody waits for it at the start.
///
/// Jiffies say when the last tick was, so a program's clock is up to one tick behind. Readings come
/// anywhere between two ticks; the offset is moved only if one shows that the clock is ahead, or
/// more than a tick behind, so that it neither jitters nor drifts. Where a host holds ticks back in
/// the moment of a reading the clock is ahead by that, until the next one; the tables bear that.
public final class Jiffies implements AutoCloseable {
    /// What kernels are built with.
    private static final int[] HZ = {100, 250, 300, 1000};

    private static final long NS_PER_MS = 1_000_000;
    private static final long NS_PER_S = 1_000_000_000;

    /// Between the two readings at the start: enough to tell 250 from 300.
    private static final long SPAN_NS = 100 * NS_PER_MS;

    private static final int READINGS = 5;

    private static final MapRef READING = new MapRef("jvs_jiffies");

    private final LongSupplier nowNs;
    private final BpfMap clock;
    private final BpfMap reading;
    private final BpfProgram reader;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment frame = arena.allocate(64, 8);
    private final long firstJiffies;
    private final long firstNs;
    private int hz;
    private long offsetMs;

    /// Makes the map and reads the jiffies for the first time.
    ///
    /// @param nowNs the director's clock in nanoseconds; the milliseconds of it are what programs
    ///   get
    /// @throws org.jvs.linux.LinuxException if the kernel refuses, EPERM unless root
    public Jiffies(LongSupplier nowNs) {
        this.nowNs = nowNs;
        clock = BpfMap.sharedMemory(Maps.CLOCK.name(), Clock.BYTES);
        try {
            clock.map();
            reading = BpfMap.sharedMemory(READING.name(), Long.BYTES);
            try {
                reader = load(reading);
            } catch (RuntimeException e) {
                reading.close();
                throw e;
            }
        } catch (RuntimeException e) {
            clock.close();
            throw e;
        }
        firstJiffies = read();
        firstNs = nowNs.getAsLong();
    }

    private static BpfProgram load(BpfMap reading) {
        Code code = new Code("jvs_jiffies");
        Var jiffies = code.kernel().jiffies();
        code.var("reading", Register.R6)
                .address(READING, 0)
                .store(Field.u64("jiffies", 0), jiffies);
        code.exit(Xdp.DROP);
        return Loader.loadXdp(code.program(), reading);
    }

    private long read() {
        reader.testRun(frame, null, 1);
        return reading.map().get(JAVA_LONG, 0);
    }

    /// The map that programs read, once the clock in it is right: a tenth of a second after the
    /// start at the earliest, for which this waits.
    public synchronized BpfMap map() {
        if (hz == 0) {
            waitUntil(firstNs + SPAN_NS);
            advance();
        }
        return clock;
    }

    /// Sleeps: two moments a tenth of a second apart are what is measured, and nothing else would
    /// tell that the second one has come.
    private void waitUntil(long endNs) {
        boolean interrupted = false;
        for (long left = endNs - nowNs.getAsLong(); left > 0; left = endNs - nowNs.getAsLong()) {
            try {
                Thread.sleep(left / NS_PER_MS + 1);
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Sets the clock right; to be called every second or so.
    public synchronized void advance() {
        long before = nowNs.getAsLong();
        if (before - firstNs < SPAN_NS) {
            return;
        }
        long jiffies = read();
        long now = nowNs.getAsLong();
        for (int tries = 1; now - before > NS_PER_MS && tries < READINGS; tries++) {
            // this thread did not run for a while; when the reading was made is uncertain by that
            before = now;
            jiffies = read();
            now = nowNs.getAsLong();
        }
        int measured = hz(jiffies - firstJiffies, now - firstNs);
        long scale = scale(measured);
        // the reading was made before "now": so the clock is never ahead
        long wanted = before / NS_PER_MS - millis(jiffies, scale);
        if (measured != hz) {
            hz = measured;
            offsetMs = wanted;
        } else {
            // in 32 bits, which is all that programs have
            int behind = (int) (wanted - offsetMs);
            int tick = (1000 + hz - 1) / hz;
            if (behind < 0) {
                offsetMs += behind;
            } else if (behind > tick) {
                offsetMs += behind - tick;
            }
        }
        Clock.write(clock.map(), scale, offsetMs);
    }

    /// The rate nearest to so many ticks in a time.
    static int hz(long ticks, long ns) {
        double measured = ticks * (double) NS_PER_S / ns;
        int nearest = HZ[0];
        for (int each : HZ) {
            if (Math.abs(Math.log(measured / each)) < Math.abs(Math.log(measured / nearest))) {
                nearest = each;
            }
        }
        return nearest;
    }

    /// Milliseconds per tick, times 2^32.
    static long scale(int hz) {
        return ((1000L << 32) + hz / 2) / hz;
    }

    /// What a program makes of jiffies: the low 32 bits are right whatever the product loses.
    private static long millis(long jiffies, long scale) {
        return jiffies * scale >>> 32;
    }

    /// Ticks per second; 0 if that is not known yet.
    public synchronized int hz() {
        return hz;
    }

    /// The clock as a program has it at this moment, for those who compare: the low 32 bits.
    synchronized int programMs() {
        return (int) (millis(read(), scale(hz)) + offsetMs);
    }

    /// Closes our handles; programs keep the map.
    @Override
    public synchronized void close() {
        reader.close();
        reading.close();
        clock.close();
        arena.close();
    }
}
