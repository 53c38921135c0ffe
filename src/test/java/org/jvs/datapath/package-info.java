@NullMarked
package org.jvs.datapath;

import org.jspecify.annotations.NullMarked;
