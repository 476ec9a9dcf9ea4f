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
    begin(0, &encoder)
    encoder.write(metrics[0], nanoseconds: Clocks.processCPU())
    let memory = files.memory()
    write(1, memory?.resident, &encoder)
    write(2, memory?.virtual, &encoder)
    write(3, files.openDescriptors(), &encoder)
    write(4, Machine.descriptorLimit, &encoder)
    if let startTime {
      begin(5, &encoder)
      encoder.write(metrics[5], nanoseconds: startTime)
    }
    return []
  }

  private func begin(_ index: Int, _ encoder: inout Encoder) {
    encoder.begin(Self.families[index].family)
  }

  private func write(_ index: Int, _ value: UInt64?, _ encoder: inout Encoder) {
    guard let value else { return }
    begin(index, &encoder)
    encoder.write(metrics[index], value)
  }

  private let metrics = families.map { $0.family.metric() }

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
