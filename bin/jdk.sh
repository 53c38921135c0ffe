# shellcheck shell=sh
# Sourced by jvs and bin/ipvsadm*. POSIX sh; finds a JDK 25 without starting a process
# unless it must look behind a symbolic link. Expects root, the checkout, to be set.

# shellcheck disable=SC2154
jvs_out=$root/target/jvs

# For commands that live a moment: the smallest collector and compiler, and no word from the JVM
# about its caches. The start-up caches are made with the same flags, or the JVM passes them over.
# shellcheck disable=SC2034
jvs_short_flags="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xlog:disable -Xlog:all=error:stderr \
--enable-native-access=ALL-UNNAMED"

# ipvsadm calls no native code and lives for less time than it takes to compile it or to look for
# service providers: each of these saves some milliseconds.
# shellcheck disable=SC2034
jvs_ipvsadm_flags="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xlog:disable -Xlog:all=error:stderr \
-XX:CompileThresholdScaling=10 -XX:-UsePerfData -Djdk.reflect.useNativeAccessorOnly=true \
-Djava.nio.channels.spi.SelectorProvider=sun.nio.ch.EPollSelectorProvider"

# Whether the directory $1 is the home of a JDK 25: its release file says so.
jvs_is_jdk25() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    while IFS= read -r jvs_line; do
        case $jvs_line in
            JAVA_VERSION=\"25[.\"+-]*) return 0 ;;
        esac
    done <"$1/release"
    return 1
}

# Sets java_home to the JDK that the last build used. Fails where there was none.
jvs_built_jdk() {
    java_home=
    [ -r "$jvs_out/jdk" ] && IFS= read -r java_home <"$jvs_out/jdk"
    [ -n "$java_home" ] && [ -x "$java_home/bin/java" ]
}

# Sets java_home to a JDK 25: JAVA_HOME if it is one, else the one used last, else the first
# found in PATH or in a usual place.
jvs_find_jdk() {
    if [ -n "${JAVA_HOME:-}" ] && jvs_is_jdk25 "$JAVA_HOME"; then
        java_home=$JAVA_HOME
        return 0
    fi
    jvs_built_jdk && jvs_is_jdk25 "$java_home" && return 0
    java_home=$(command -v java) && java_home=$(readlink -f "$java_home") &&
        java_home=${java_home%/bin/java} && jvs_is_jdk25 "$java_home" && return 0
    # sudo resets HOME: the invoking user's own JDKs count as well
    for java_home in /usr/lib/jvm/* /opt/* /opt/java/* /usr/java/* /usr/local/*jdk* \
        "${HOME:-/root}"/.sdkman/candidates/java/* "${HOME:-/root}"/.jdks/* \
        "/home/${SUDO_USER:-none}"/.sdkman/candidates/java/* \
        "/home/${SUDO_USER:-none}"/.jdks/*; do
        jvs_is_jdk25 "$java_home" && return 0
    done
    java_home=
    return 1
}
