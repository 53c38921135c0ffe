package org.jvs.lab;

import org.jvs.core.admin.ForwardingMethod;

/// End to end by direct routing, established connections by the compiled program.
class CompiledDirectForwardingRootTest extends ForwardingContract {
    CompiledDirectForwardingRootTest() {
        super(ForwardingMethod.DIRECT, "--compiled");
    }
}
