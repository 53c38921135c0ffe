package org.jvs.conformance.shell;

/** What a command reads and writes. */
public record Streams(String in, StringBuilder out, StringBuilder err) {}
