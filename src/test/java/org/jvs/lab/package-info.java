/** The lab itself, and a real director in it: end to end. */
@NullMarked
package org.jvs.lab;

import org.jspecify.annotations.NullMarked;
