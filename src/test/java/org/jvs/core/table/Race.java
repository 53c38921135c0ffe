package org.jvs.core.table;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Lets a few actors do the same items at the same time, batch after batch, with a check after each:
 * a small jcstress. Within a batch actors wait for each other, but not for long, so that they meet
 * within nanoseconds on idle cores and are preempted in the middle of things on busy ones.
 */
@SuppressWarnings("ThreadPriorityCheck") // yielding lets the other actors run on a busy machine
final class Race {
    /** What an actor does with an item; a batch is known by its first item. */
    interface Actor {
        void act(int item);
    }

    private static final int PATIENCE = 300;

    private final int batch;
    private final Actor[] actors;
    private final AtomicInteger begun = new AtomicInteger(-1);
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicIntegerArray progress;
    private volatile boolean over;

    private Race(int batch, Actor[] actors) {
        this.batch = batch;
        this.actors = actors;
        this.progress = new AtomicIntegerArray(actors.length * 32);
    }

    /**
     * Runs batches for about so long.
     *
     * @param prepare called before each batch, alone
     * @param check called after each batch, alone
     * @return the number of items that each actor did
     */
    static int run(int millis, int batch, Actor prepare, Actor check, Actor... actors)
            throws Exception {
        return new Race(batch, actors).run(millis, prepare, check);
    }

    private int run(int millis, Actor prepare, Actor check) throws Exception {
        long end = System.nanoTime() + millis * 1_000_000L;
        int first = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(actors.length - 1)) {
            List<Future<?>> running = new ArrayList<>();
            for (int a = 1; a < actors.length; a++) {
                int actor = a;
                running.add(threads.submit(() -> follow(actor)));
            }
            try {
                for (; System.nanoTime() - end < 0; first += batch) {
                    prepare.act(first);
                    done.set(0);
                    begun.set(first);
                    act(0, first);
                    while (done.get() < actors.length) {
                        Thread.yield();
                    }
                    check.act(first);
                }
            } finally {
                over = true;
            }
            for (Future<?> each : running) {
                try {
                    each.get();
                } catch (ExecutionException e) {
                    throw new AssertionError("an actor failed", e.getCause());
                }
            }
        }
        return first;
    }

    private void follow(int actor) {
        for (int first = 0; ; first += batch) {
            for (int spins = 0; begun.get() < first; spins++) {
                if (over) {
                    return;
                }
                if (spins < PATIENCE) {
                    Thread.onSpinWait();
                } else {
                    Thread.yield();
                }
            }
            act(actor, first);
        }
    }

    private void act(int actor, int first) {
        try {
            for (int item = first; item < first + batch; item++) {
                progress.set(actor * 32, item);
                for (int other = 0; other < actors.length; other++) {
                    for (int i = 0; progress.get(other * 32) < item && i < PATIENCE; i++) {
                        Thread.onSpinWait();
                    }
                }
                lag(item * 31 + actor * 17);
                actors[actor].act(item);
            }
        } finally {
            done.incrementAndGet();
        }
    }

    private static void lag(int seed) {
        int spins = (seed * 0x9e3779b9 >>> 16) % 8;
        for (int i = 0; i < spins; i++) {
            Thread.onSpinWait();
        }
    }
}
