internal import Arguments
internal import Collectors
internal import Exposition
internal import System

struct PrintCommand: Command {
  static let name = "print"
  static let abstract = "Print the metrics once and exit."
  static let discussion: String? = """
    For node_exporter's textfile collector: text 0.0.4, without process_* and without what needs \
    a server. A collector that fails is named on standard error and has success 0.
    """

  /// For all collectors; one that hangs leaves a part of it to the others.
  private static let time = Duration.seconds(10)

  let output: String?
  let collectors: CollectorOptions
  let paths: PathOptions

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    output = try arguments.value(
      "output", "file", "Write to this file instead, replacing it atomically.")
    collectors = try arguments.group("Collectors")
    paths = try arguments.group("Paths")
  }

  func run() throws {
    try paths.check()
    let list = collectors.kernelCollectors(paths.kernel) {
      Console.say($0)
    }
    let gatherer = Gatherer(list, exporter: ExporterMetrics(Version.facts)) { collector, outcome in
      guard case .failed(let reason) = outcome else { return }
      Console.say("collector \(collector) failed: \(reason)")
    }
    guard let exposition = gatherer.exposition(.plainText, by: .now + Self.time) else {
      throw StartFailure("the metrics could not be read within \(Self.time.spelled)")
    }
    if let output {
      do throws(Errno) {
        try ReplacedFile.write(exposition, to: output)
      } catch {
        throw StartFailure("cannot write \(output): \(error)")
      }
    } else {
      try Console.answer(exposition)
    }
  }
}
