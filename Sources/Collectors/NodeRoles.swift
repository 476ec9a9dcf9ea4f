internal import KernelText

/// Which nodes have CPUs and which have memory (Documentation/ABI/stable/sysfs-devices-node).
struct NodeRoles: ~Copyable {
  /// Nil where the kernel does not say.
  private(set) var hasCPU: NumberList?
  private(set) var hasMemory: NumberList?

  private var cpuFile: SteadyValueFile<NumberList>
  private var memoryFile: SteadyValueFile<NumberList>
  private var buffer = [UInt8](repeating: 0, count: 256)

  init(folder: String) {
    cpuFile = SteadyValueFile("\(folder)/has_cpu", NumberList.init)
    memoryFile = SteadyValueFile("\(folder)/has_memory", NumberList.init)
  }

  mutating func read() throws {
    hasCPU = nil
    hasMemory = nil
    hasCPU = try cpuFile.read(using: &buffer)
    hasMemory = try memoryFile.read(using: &buffer)
  }
}
