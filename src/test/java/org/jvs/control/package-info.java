@NullMarked
package org.jvs.control;

import org.jspecify.annotations.NullMarked;
