// Times parsing and encoding alone, without the kernel and without a server. Prints a line for
// each: its name, how many lines of text one pass has, how many bytes, and nanoseconds for a pass.
// With `percpu N`, `percpu-time N`, `percpu-only N` or `text-only N`: the counters read per CPU, and the text.
import Exposition
import KernelText
import PageMigration
import System

/// The least of many runs: what the code takes when nothing disturbs it.
func nanosecondsPerPass(_ pass: () -> Void) -> Double {
  let passes = 200
  var least = Duration.seconds(3600)
  for _ in 0..<50 {
    let begin = MonotonicTime.now
    for _ in 0..<passes { pass() }
    least = min(least, .now - begin)
  }
  return Double(least.wholeNanoseconds) / Double(passes)
}

func report(_ name: String, lines: Int, bytes: Int, _ pass: () -> Void) {
  print("\(name)\t\(lines)\t\(bytes)\t\(nanosecondsPerPass(pass))")
}

func parse() throws {
  var text = [UInt8](repeating: 0, count: 16 << 10)
  var file = PseudoFile("/proc/vmstat")
  let count = try file.read(into: &text)
  text.removeLast(text.count - count)
  let lines = text.count { $0 == UInt8(ascii: "\n") }

  var scanner = FieldScanner(fields: MigrationCounter.allCases.map(\.rawValue))
  var values = [UInt64](repeating: 0, count: MigrationCounter.allCases.count)
  report("find our fields in /proc/vmstat", lines: lines, bytes: text.count) {
    guard (try? scanner.scan(text.span, into: &values)) != nil else { fatalError("not vmstat") }
  }
  var sum: UInt64 = 0
  report("take every field of /proc/vmstat", lines: lines, bytes: text.count) {
    let complete: Void? = try? FlatKeyedText.forEachPair(in: text.span) { sum &+= $1 }
    guard complete != nil else { fatalError("not vmstat") }
  }
}

func encode(_ value: UInt64) {
  let families = (0..<100).map {
    MetricFamily("family_\($0)_total", .counter, help: "A counter as any other of the hundred")
  }
  let node = MetricFamily("node_total", .counter, help: "A counter of every node")
  let nodes = (0..<100).map { node.metric(["numa_node": "\($0)"]) }
  var bytes: [UInt8] = []

  func exposition(_ write: (inout Encoder) -> Void) {
    var encoder = Encoder(.plainText, reusing: bytes)
    bytes = []
    write(&encoder)
    bytes = encoder.finish()
  }
  func encodeFamilies() {
    exposition { encoder in for family in families { encoder.write(family, value) } }
  }
  func encodeNodes() {
    exposition { encoder in
      encoder.begin(node)
      for metric in nodes { encoder.write(metric, value) }
    }
  }
  encodeFamilies()
  report(
    "encode 100 families of one metric, values of \(String(value).count) digits", lines: 300,
    bytes: bytes.count, encodeFamilies)
  encodeNodes()
  report(
    "encode a family of 100 metrics, values of \(String(value).count) digits", lines: 102,
    bytes: bytes.count, encodeNodes)
}

let arguments = CommandLine.arguments
switch (arguments.dropFirst().first, arguments.last.flatMap { Int($0) }) {
case ("percpu", let readings?): try comparePerCPU(readings: readings)
case ("percpu-time", let rounds?): try timePerCPU(rounds: rounds)
case ("percpu-only", let readings?): try readAgain(readings, perCPU: true)
case ("text-only", let readings?): try readAgain(readings, perCPU: false)
default:
  try parse()
  encode(0)
  encode(12_345_678_901)
}
