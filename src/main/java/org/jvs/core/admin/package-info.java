/** What an administrator says to a director, and what it answers: commands, listings, errors. */
@NullMarked
package org.jvs.core.admin;

import org.jspecify.annotations.NullMarked;
