import TestSupport
import Testing

/// Tests that load eBPF programs into the running kernel and make it migrate pages. One after the
/// other: they all look at the one machine's counters.
@Suite(.serialized, .timeLimit(.minutes(3)), .needs(.liveKernel))
enum `Live kernel` {}
