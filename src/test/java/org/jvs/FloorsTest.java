package org.jvs;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The floors of ARCHITECTURE.md: arrows only point down, and each floor keeps its promises. */
class FloorsTest {
    private static final JavaClasses JVS =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("org.jvs");

    /** A floor and what of JVS it may stand on, itself included. */
    record Floor(String name, List<String> mayUse) {
        Floor(String name, String... others) {
            this(name, Stream.concat(Stream.of(name), Stream.of(others)).toList());
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static List<Floor> floors() {
        return List.of(
                new Floor("core"),
                new Floor("ebpf", "core"),
                new Floor("linux", "core"),
                new Floor("datapath", "ebpf", "linux", "core"),
                new Floor("control", "datapath", "ebpf", "linux", "core"),
                new Floor("web", "control", "core"),
                new Floor("lab", "control", "datapath", "ebpf", "linux", "core"),
                new Floor(
                        "conformance",
                        "lab",
                        "cli.ipvsadm",
                        "control",
                        "datapath",
                        "ebpf",
                        "linux",
                        "core"));
    }

    @ParameterizedTest
    @MethodSource("floors")
    void arrowsPointDown(Floor floor) {
        String[] below =
                floor.mayUse.stream().map(name -> "org.jvs." + name + "..").toArray(String[]::new);
        check(
                noClasses()
                        .that()
                        .resideInAPackage("org.jvs." + floor.name + "..")
                        .should()
                        .dependOnClassesThat(
                                resideInAPackage("org.jvs..")
                                        .and(DescribedPredicate.not(resideInAnyPackage(below)))));
    }

    /** The subcommands may use all floors; only {@code ipvsadm} starts with next to nothing. */
    @Test
    void ipvsadmStandsOnAdministrationAndTheControlClientAlone() {
        Deque<JavaClass> open = new ArrayDeque<>();
        JVS.that(resideInAPackage("org.jvs.cli.ipvsadm..")).forEach(open::add);
        Set<JavaClass> seen = new HashSet<>(open);
        Set<String> strangers = new TreeSet<>();
        while (!open.isEmpty()) {
            for (Dependency dependency : open.remove().getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                String name = target.getPackageName();
                if (target.isPrimitive()
                        || name.startsWith("java.")
                        || name.startsWith("org.jspecify")) {
                    continue;
                }
                if (!name.matches("org\\.jvs\\.(core\\.admin|core\\.net|control|cli\\.ipvsadm)")) {
                    strangers.add(dependency.getDescription());
                } else if (seen.add(target)) {
                    open.add(target);
                }
            }
        }
        assertThat(strangers).as("reachable from ipvsadm, whose start-up time counts").isEmpty();
    }

    @Test
    void coreNeedsTheJdkAlone() {
        check(
                classes()
                        .that()
                        .resideInAPackage("org.jvs.core..")
                        .should()
                        .onlyDependOnClassesThat()
                        .resideInAnyPackage(
                                "org.jvs.core..",
                                "java.lang..",
                                "java.util..",
                                "java.nio",
                                "java.nio.charset",
                                "java.io",
                                "java.math",
                                "java.text",
                                "org.jspecify.."));
    }

    @Test
    void coreReadsNoClockAndStartsNoThread() {
        DescribedPredicate<JavaAccess<?>> clock =
                calls(System.class, Set.of("currentTimeMillis", "nanoTime"));
        DescribedPredicate<JavaAccess<?>> thread =
                calls(
                        Thread.class,
                        Set.of("<init>", "start", "sleep", "ofVirtual", "ofPlatform", "join"));
        check(
                noClasses()
                        .that()
                        .resideInAPackage("org.jvs.core..")
                        .should()
                        .accessTargetWhere(clock));
        check(
                noClasses()
                        .that()
                        .resideInAPackage("org.jvs.core..")
                        .should()
                        .accessTargetWhere(thread));
        check(
                noClasses()
                        .that()
                        .resideInAPackage("org.jvs.core..")
                        .should()
                        .dependOnClassesThat(
                                assignableTo(java.util.concurrent.Executor.class)
                                        .or(assignableTo(java.util.concurrent.Future.class))
                                        .or(assignableTo(java.util.Timer.class))
                                        .or(assignableTo(java.io.InputStream.class))
                                        .or(assignableTo(java.io.OutputStream.class))
                                        .or(assignableTo(java.io.Reader.class))
                                        .or(assignableTo(java.io.File.class))
                                        .or(assignableTo(java.io.RandomAccessFile.class))));
    }

    private static DescribedPredicate<JavaAccess<?>> calls(Class<?> owner, Set<String> names) {
        return DescribedPredicate.describe(
                "calls " + owner.getSimpleName() + " " + names,
                access ->
                        access.getTargetOwner().isEquivalentTo(owner)
                                && names.contains(access.getTarget().getName()));
    }

    @Test
    void onlyTheLinuxFloorCallsNativeCode() {
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackage("org.jvs.linux..")
                        .should()
                        .dependOnClassesThat(
                                assignableTo(Linker.class).or(assignableTo(SymbolLookup.class))));
    }

    @Test
    void packagesMakeNoCircle() {
        slices().matching("org.jvs.(**)")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(JVS);
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(JVS);
    }
}
