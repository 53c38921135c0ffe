@NullMarked
package org.jvs.cli.ipvsadm;

import org.jspecify.annotations.NullMarked;
