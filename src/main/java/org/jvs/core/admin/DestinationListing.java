package org.jvs.core.admin;

/** A destination as listed: what was configured, its connections by kind, its counters. */
public record DestinationListing(
        DestinationSpec spec, int active, int inactive, int persistent, Stats stats) {}
