package org.jvs.lab;

import org.jvs.core.admin.ForwardingMethod;

/// End to end by direct routing: answers go past the director.
class DirectForwardingRootTest extends ForwardingContract {
    DirectForwardingRootTest() {
        super(ForwardingMethod.DIRECT);
    }
}
