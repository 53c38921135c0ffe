package org.jvs.testing;

import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.jvs.lab.Privileges;

/// Skips what is tagged `root` where this process may not make network namespaces, and says so.
/// JUnit finds it by META-INF/services.
public final class RootCondition implements ExecutionCondition {
    private static final List<String> MISSING = Privileges.missing();

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (MISSING.isEmpty() || !context.getTags().contains("root")) {
            return ConditionEvaluationResult.enabled("nothing is missing");
        }
        return ConditionEvaluationResult.disabled(
                "needs root (missing: " + String.join(", ", MISSING) + ")");
    }
}
