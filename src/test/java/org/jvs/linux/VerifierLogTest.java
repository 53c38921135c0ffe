package org.jvs.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Logs of several kernels: the refused instruction and the reason are found.
class VerifierLogTest {
    @Test
    void theLastStepAndTheMessageAfterIt() {
        VerifierLog log =
                VerifierLog.parse(
                        """
                        0: R1=ctx() R10=fp0
                        0: (61) r2 = *(u32 *)(r1 +0)          ; R1=ctx() R2=pkt(r=0)
                        17: (71) r0 = *(u8 *)(r2 +0)
                        invalid access to packet, off=0 size=1, R2(id=0,off=0,r=0)
                        R2 offset is outside of the packet
                        processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0
                        """);
        assertThat(log.instruction()).isEqualTo(17);
        assertThat(log.reason())
                .isEqualTo(
                        "invalid access to packet, off=0 size=1, R2(id=0,off=0,r=0); R2 offset is"
                                + " outside of the packet");
        assertThat(log.next()).contains("whether the packet reaches that far");
        assertThat(log.end()).hasSize(5);
    }

    @ParameterizedTest
    @CsvSource({
        "unreachable insn 5, 5",
        "jump out of range from insn 3 to 9, 3",
        "infinite loop detected at insn 12, 12",
        "back-edge from insn 7 to 3, 7",
    })
    void messagesBeforeTheFirstStepNameTheInstruction(String message, int instruction) {
        VerifierLog log = VerifierLog.parse("func#0 @0\n" + message + "\nprocessed 0 insns\n");
        assertThat(log.instruction()).isEqualTo(instruction);
        assertThat(log.reason()).isEqualTo(message);
    }

    /// Linux 5.15: no registers beside the steps, states of both functions behind the message.
    @Test
    void statesAreNoReason() {
        VerifierLog log =
                VerifierLog.parse(
                        """
                        ; int f(void)
                        from 3 to 5: R0=inv0 R10=fp0
                        5: (bf) r1 = r0
                        6: (79) r0 = *(u64 *)(r1 +0)
                        R1 invalid mem access 'map_value_or_null'
                        caller:
                         R6=ctx(id=0,off=0,imm=0) R10=fp0
                        callee:
                         frame1: R1=inv1 R10=fp0
                        processed 7 insns (limit 1000000) max_states_per_insn 0
                        """);
        assertThat(log.instruction()).isEqualTo(6);
        assertThat(log.reason()).isEqualTo("R1 invalid mem access 'map_value_or_null'");
        assertThat(log.next()).isEqualTo("compare the pointer with zero before using it");
    }

    @Test
    void aHugeOrEmptyLogIsNoProblem() {
        assertThat(VerifierLog.parse("").instruction()).isEqualTo(VerifierLog.NONE);
        String huge = "1: (b7) r0 = 0\n".repeat(1_000_000) + "BPF program is too large. Processed";
        VerifierLog log = VerifierLog.parse(huge);
        assertThat(log.instruction()).isEqualTo(1);
        assertThat(log.end()).hasSize(16);
        assertThat(log.next()).contains("a million instructions");
    }
}
