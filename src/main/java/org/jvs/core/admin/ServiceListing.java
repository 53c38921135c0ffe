package org.jvs.core.admin;

import java.util.List;

/** A service as listed, with its destinations in the kernel's order: newest first. */
public record ServiceListing(
        ServiceSpec spec, Stats stats, List<DestinationListing> destinations) {}
