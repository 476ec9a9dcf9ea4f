/// Where the variables of each CPU that the counters are found by are among all variables of a CPU, in
/// bytes.
package struct PerCPUVariables: Equatable, Sendable {
  package var runqueues: Int
  package var vmEventStates: Int
  /// How many events `vm_event_states` has.
  package var events: Int

  package init(runqueues: Int, vmEventStates: Int, events: Int) {
    self.runqueues = runqueues
    self.vmEventStates = vmEventStates
    self.events = events
  }
}

#if Reasons
  extension PerCPUVariables {
    /// As this kernel's description of itself has them.
    package static func ofThisKernel() throws(ReasonsUnavailable) -> Self {
      try Self(KernelTypes())
    }

    /// - Throws: the name of the first that the kernel's description of itself lacks.
    init(_ kernel: borrowing KernelTypes) throws(ReasonsUnavailable) {
      func variable(
        _ name: String
      ) throws(ReasonsUnavailable) -> (offset: Int, size: Int) {
        guard let variable = kernel.variableOfCPU(name) else { throw .noVariable(name) }
        return variable
      }
      let events = try variable("vm_event_states")
      guard events.size % 8 == 0, events.size >= 8 * PerCPULayout.eventsPerLine else {
        throw .otherArray("vm_event_states")
      }
      self.init(
        runqueues: try variable("runqueues").offset, vmEventStates: events.offset,
        events: events.size / 8)
    }
  }
#endif
