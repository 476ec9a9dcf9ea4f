internal import KernelText

/// Which nodes have CPUs and which have memory (Documentation/ABI/stable/sysfs-devices-node).
struct NodeRoles: ~Copyable {
  /// Nil where the kernel does not say.
  private(set) var hasCPU: NumberList?
  private(set) var hasMemory: NumberList?

  private var cpuFile: SingleValueFile
  private var memoryFile: SingleValueFile
  private var buffer = [UInt8](repeating: 0, count: 256)

  init(folder: String) {
    cpuFile = SingleValueFile("\(folder)/has_cpu")
    memoryFile = SingleValueFile("\(folder)/has_memory")
  }

  mutating func read() throws {
    hasCPU = nil
    hasMemory = nil
    hasCPU = try cpuFile.read(using: &buffer, NumberList.init)
    hasMemory = try memoryFile.read(using: &buffer, NumberList.init)
  }
}
