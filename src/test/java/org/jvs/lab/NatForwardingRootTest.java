package org.jvs.lab;

import org.jvs.core.admin.ForwardingMethod;

/// End to end by network address translation, to other ports than the virtual ones.
class NatForwardingRootTest extends ForwardingContract {
    NatForwardingRootTest() {
        super(ForwardingMethod.NAT);
    }
}
