package org.jvs.conformance.shell;

import java.io.Serial;

/** A recording needs something that is not there: the recording is skipped, naming it. */
public final class MissingFeature extends RuntimeException {
    @Serial private static final long serialVersionUID = 1;

    /** Names the feature, as it stands in the report. */
    public MissingFeature(String feature) {
        super(feature);
    }
}
