package org.jvs.core.sched;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.jvs.core.admin.ServiceSpec;

/** The schedulers there are, by the names that {@code ipvsadm -s} takes. */
public final class Schedulers {
    private static final Map<String, Maker> MAKERS = new LinkedHashMap<>();

    static {
        MAKERS.put("rr", (_, _) -> new RoundRobin());
        MAKERS.put("wrr", (_, _) -> new WeightedRoundRobin());
        MAKERS.put("lc", (_, _) -> new LeastConnection());
        MAKERS.put("wlc", (_, _) -> new WeightedLeastConnection());
        MAKERS.put("fo", (_, _) -> new FailOver());
        MAKERS.put("ovf", (_, _) -> new Overflow());
        MAKERS.put("lblc", LocalityLeastConnection::new);
        MAKERS.put("lblcr", LocalityReplication::new);
        MAKERS.put("dh", (_, _) -> new DestinationHash());
        MAKERS.put("sh", (service, _) -> new SourceHash(service));
        MAKERS.put("mh", (service, _) -> new MaglevHash(service));
        MAKERS.put("sed", (_, _) -> new ShortestExpectedDelay());
        MAKERS.put("nq", (_, _) -> new NeverQueue());
        MAKERS.put("twos", (_, settings) -> new PowerOfTwoChoices(settings));
        // the kernel's word for "templates only": an existing template decides, nothing else does
        MAKERS.put("none", (_, _) -> (_, _, _) -> Scheduler.NONE);
    }

    private Schedulers() {}

    /**
     * Makes a scheduler for one service. The caller then announces the service's destinations by
     * {@link Scheduler#changed} with {@link Scheduler.Change#STARTED}.
     *
     * @return null if there is no scheduler of that name
     */
    public static @Nullable Scheduler create(
            String name, ServiceSpec service, SchedulerSettings settings) {
        Maker maker = MAKERS.get(name);
        return maker == null ? null : maker.make(service, settings);
    }

    /** The names that {@link #create} knows. */
    public static List<String> names() {
        return List.copyOf(MAKERS.keySet());
    }

    private interface Maker {
        Scheduler make(ServiceSpec service, SchedulerSettings settings);
    }
}
