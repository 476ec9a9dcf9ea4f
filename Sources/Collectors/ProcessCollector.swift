package import Exposition
internal import KernelText

/// The standard metrics of the exporter's own process
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
package final class ProcessCollector: Collector {
  package let name = "process"

  private var files = ProcessFiles()
  private let startTime: UInt64?

  package init() {
    startTime = files.startTime()
  }

  package var documentation: [DocumentedFamily] { Self.families }

  package func collect(into encoder: inout Encoder) -> [any Error] {
    let families = Self.families
    encoder.write(families[0].family, nanoseconds: Clocks.processCPU())
    if let memory = files.memory() {
      encoder.write(families[1].family, memory.resident)
      encoder.write(families[2].family, memory.virtual)
    }
    if let open = files.openDescriptors() { encoder.write(families[3].family, open) }
    if let limit = Machine.descriptorLimit { encoder.write(families[4].family, limit) }
    if let startTime { encoder.write(families[5].family, nanoseconds: startTime) }
    return []
  }

  private static let families = [
    DocumentedFamily(
      "process_cpu_seconds_total", .counter, source: "CLOCK_PROCESS_CPUTIME_ID", unit: "seconds",
      help: "CPU time that the exporter has used, user and system"),
    DocumentedFamily(
      "process_resident_memory_bytes", .gauge, source: "/proc/self/statm", unit: "bytes",
      help: "Memory of the exporter that is resident"),
    DocumentedFamily(
      "process_virtual_memory_bytes", .gauge, source: "/proc/self/statm", unit: "bytes",
      help: "Address space of the exporter"),
    DocumentedFamily(
      "process_open_fds", .gauge, source: "/proc/self/fd", unit: "descriptors",
      help: "File descriptors that the exporter has open"),
    DocumentedFamily(
      "process_max_fds", .gauge, source: "RLIMIT_NOFILE", unit: "descriptors",
      help: "File descriptors that the exporter may have open"),
    DocumentedFamily(
      "process_start_time_seconds", .gauge, source: "/proc/self/stat", unit: "Unix time",
      help: "When the exporter was started"),
  ]
}
