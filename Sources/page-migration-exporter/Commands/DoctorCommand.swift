internal import ArgumentParser
internal import Doctor
internal import KernelText

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Try each part on this host: what works, what does not, and what to do.",
    discussion: """
      It uses the privileges that it is started with: as root it loads the eBPF programs, and unloads \
      them again. Exits with 1 if the kernel's counters cannot be read.
      """)

  @OptionGroup(title: "Paths") var paths: PathOptions
  @OptionGroup(title: "Paths") var tracefs: TracefsOptions

  func run() throws {
    var kernel = paths.kernel
    kernel.tracefs = tracefs.path
    let examination = Examination(kernel, Version.facts)
    try Console.answer(examination.text)
    if !examination.canReadCounters { throw ExitCode(1) }
  }
}
