internal import Arguments
internal import Doctor
internal import KernelText

struct DoctorCommand: Command {
  static let name = "doctor"
  static let abstract = "Try each part on this host: what works, what does not, and what to do."
  static let discussion: String? = """
    It uses the privileges that it is started with: as root it loads the eBPF programs, and unloads \
    them again. Exits with 1 if the kernel's counters cannot be read.
    """

  let paths: PathOptions
  let tracefs: TracefsOptions

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    paths = try arguments.group("Paths")
    tracefs = try arguments.group("Paths")
  }

  func run() throws {
    var kernel = paths.kernel
    kernel.tracefs = tracefs.path
    let examination = Examination(kernel, Version.facts)
    try Console.answer(examination.text)
    if !examination.canReadCounters { throw ExitCode(1) }
  }
}
