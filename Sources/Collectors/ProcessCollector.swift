package import Exposition
internal import KernelText
package import System

/// The standard metrics of the exporter's own process
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
package final class ProcessCollector: Collector {
  package let name = "process"

  private var process = OwnProcess()
  package let countingSince = OwnProcess.startInstant()
  private let startTime = OwnProcess.startTime()

  package init() {}

  package var documentation: [MetricFamily] {
    [
      Self.cpuSeconds, Self.residentMemory, Self.virtualMemory, Self.openDescriptors,
      Self.maxDescriptors, Self.startTimeSeconds,
    ]
  }

  package func collect(into encoder: inout Encoder) -> [any Error] {
    encoder.write(Self.cpuSeconds, processCPUTime)
    if let memory = process.memory() {
      encoder.write(Self.residentMemory, memory.resident)
      encoder.write(Self.virtualMemory, memory.virtual)
    }
    if let open = process.openDescriptors() { encoder.write(Self.openDescriptors, open) }
    if let limit = Machine.descriptorLimit { encoder.write(Self.maxDescriptors, limit) }
    if let startTime { encoder.write(Self.startTimeSeconds, startTime.sinceEpoch) }
    return []
  }

  private static let cpuSeconds = MetricFamily(
    "process_cpu_seconds_total", .counter, source: "CLOCK_PROCESS_CPUTIME_ID", unit: "seconds",
    help: "CPU time that the exporter has used, user and system")
  private static let residentMemory = MetricFamily(
    "process_resident_memory_bytes", .gauge, source: "/proc/self/statm", unit: "bytes",
    help: "Memory of the exporter that is resident")
  private static let virtualMemory = MetricFamily(
    "process_virtual_memory_bytes", .gauge, source: "/proc/self/statm", unit: "bytes",
    help: "Address space of the exporter")
  private static let openDescriptors = MetricFamily(
    "process_open_fds", .gauge, source: "/proc/self/fd", unit: "descriptors",
    help: "File descriptors that the exporter has open")
  private static let maxDescriptors = MetricFamily(
    "process_max_fds", .gauge, source: "RLIMIT_NOFILE", unit: "descriptors",
    help: "File descriptors that the exporter may have open")
  private static let startTimeSeconds = MetricFamily(
    "process_start_time_seconds", .gauge, source: "/proc/self/stat", unit: "Unix time",
    help: "When the exporter was started")
}
