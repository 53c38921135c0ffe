/// The generated XDP program: established connections are forwarded out of the very tables that the
/// Java engine uses; everything else is left to what comes after.
@NullMarked
package org.jvs.datapath.program;

import org.jspecify.annotations.NullMarked;
