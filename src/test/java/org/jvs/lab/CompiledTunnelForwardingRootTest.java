package org.jvs.lab;

import org.jvs.core.admin.ForwardingMethod;

/// End to end by tunnels, established connections by the compiled program.
class CompiledTunnelForwardingRootTest extends ForwardingContract {
    CompiledTunnelForwardingRootTest() {
        super(ForwardingMethod.TUNNEL, "--compiled");
    }
}
