import Collectors
import Explain
import Exposition
import KernelText
import MigrationReasons
import PageMigration
import System
import Views
import WebConfig
import WebServer

/// Every parser of bytes from outside, by name. Each has a corpus of that name.
let parsers: [String: @Sendable ([UInt8]) -> Void] = [
  "accept": { bytes in
    let accept = Accept(String(decoding: bytes, as: UTF8.self))
    let choice = accept.best(of: [
      MediaType("text/plain", [("version", "0.0.4")], isDefault: true),
      MediaType("application/openmetrics-text", [("version", "1.0.0")], isDefault: false),
    ])
    _ = choice?.parameter("escaping")
    _ = accept.takesCoding(["gzip", "x-gzip"])
  },
  "cgroup-pattern": cgroupPattern,
  "credentials": { _ = Credentials(authorization: $0.span) },
  "duration": { bytes in
    guard let duration = Duration(spelled: String(decoding: bytes, as: UTF8.self)) else { return }
    expect(Duration(spelled: duration.spelled) == duration, "\(duration) is spelled otherwise")
  },
  "explain": explained,
  "flat-keyed-text": flatKeyedText,
  "free-blocks": { bytes in
    for order in [0, 9, 40] {
      _ = FreeBlocks.forEachZone(bytes.span, fromOrder: order) { _, _ in }
    }
  },
  "json": { bytes in
    guard let value = JSON(reading: bytes) else { return }
    expect(
      JSON(reading: Array(value.text.utf8))?.text == value.text, "written, it is read otherwise")
  },
  "kernel-release": { _ = KernelRelease(parsing: String(decoding: $0, as: UTF8.self)) },
  "listen-address": { bytes in
    guard let address = ListenAddress(String(decoding: bytes, as: UTF8.self)) else { return }
    expect(ListenAddress(address.description) == address, "\(address) is shown otherwise")
  },
  "mount-line": { _ = MountLine(parsing: $0.span) },
  "number-list": { bytes in
    guard let list = NumberList(bytes.span) else { return }
    expect(list.numbers(upTo: 1023).count <= 1024 * max(1, list.ranges.count), "too many")
  },
  "node-memory": { _ = NodeMemory.bytes($0.span) },
  "numa-mapping": { _ = try? NumaMapping(parsing: $0.span) },
  "process-memory": { _ = ProcessMemory(parsing: $0.span) },
  "process-stat": { _ = ProcessStat(parsing: $0.span) },
  "request-head": requestHead,
  "scheduler-line": { _ = try? SchedulerLine(parsing: $0.span) },
  "single-value": { bytes in
    _ = SingleValue.number(bytes.span)
    _ = SingleValue.flag(bytes.span)
    _ = SingleValue.choice(bytes.span)
  },
  "smaps-line": { _ = try? SmapsLine(parsing: $0.span) },
  "thresholds": { bytes in
    var thresholds = Thresholds()
    try? thresholds.set(from: String(decoding: bytes, as: UTF8.self), path: "file")
  },
  "tracepoint-format": { bytes in
    guard let format = try? TracepointFormat(parsing: String(decoding: bytes, as: UTF8.self)) else {
      return
    }
    _ = format.symbols(of: "reason")
    _ = try? MigrationTracepoints(end: format, start: format).programs
  },
  "web-config": webConfig,
]

/// Two expositions, one after the other: every rule is asked of them.
@Sendable private func explained(_ bytes: [UInt8]) {
  var history = History()
  let parts = bytes.split(separator: UInt8(ascii: "!"), maxSplits: 2)
  var time = MonotonicTime(sinceBoot: .seconds(1))
  for part in parts {
    history.add(Array(part), at: time)
    time = time + .seconds(10)
  }
  let evidence = history.evidence(over: .seconds(20), until: time, kernelRelease: "6.1")
  let report = Report(evidence, Thresholds(), hostName: nil)
  expect(report.json.hasSuffix("}"), "JSON has no end")
}

/// Whatever it says, there is an answer, and a problem is one line. The files that it names are empty.
@Sendable private func webConfig(_ bytes: [UInt8]) {
  do throws(ConfigProblem) {
    let config = try WebConfig(reading: "f", at: .now) { (path) throws(UnreadableFile) in
      path == "f" ? bytes : []
    }
    expect(config.tls == nil, "TLS without a certificate")
  } catch {
    let line = error.description
    expect(line.hasPrefix("f:") && !line.contains("\n"), "not a line: \(line)")
  }
}

/// A head that is whole stays so whatever follows it, and none of its beginnings is.
@Sendable private func requestHead(_ bytes: [UInt8]) {
  let limits = Limits(requests: 1, connections: 1)
  guard case .whole(let head) = HeadCheck(bytes.span, limits: limits) else { return }
  expect(
    HeadCheck((bytes + [0]).span, limits: limits) == .whole(head), "what follows it matters")
  for length in [head.length / 2, head.length - 1] {
    let cut = HeadCheck(bytes.span.extracting(0..<length), limits: limits)
    expect(cut == .incomplete, "its first \(length) bytes are not incomplete")
  }
}

/// The first line is the pattern, the second a path: what matches below a path lies below it.
@Sendable private func cgroupPattern(_ bytes: [UInt8]) {
  let lines = bytes.split(separator: 0x0a, maxSplits: 1, omittingEmptySubsequences: false)
  guard lines.count == 2,
    let pattern = try? CgroupPattern(String(decoding: lines[0], as: UTF8.self))
  else { return }
  let path = Array(lines[1])
  let match = pattern.match(path)
  guard path.first == 0x2f, path.count > 1, path.last != 0x2f else { return }
  if match.matchesAllBelow {
    expect(pattern.match(path + Array("/x".utf8)).isMatch, "one below does not match")
  }
  if !match.mayMatchBelow {
    expect(!pattern.match(path + Array("/x".utf8)).isMatch, "one below matches")
  }
}

/// The scanner that remembers names gives what one that remembers nothing gives, and the same twice.
@Sendable private func flatKeyedText(_ bytes: [UInt8]) {
  let fields = ["a", "pgmigrate_success", "compact_stall"]
  var scanner = FieldScanner(fields: fields)
  var (first, second) = ([UInt64](repeating: 0, count: 3), [UInt64](repeating: 0, count: 3))
  let one = try? scanner.scan(bytes.span, into: &first)
  let two = try? scanner.scan(bytes.span, into: &second)
  expect(one == two && (one == nil || first == second), "the second scan differs")
  expect(one == nil || bytes.isEmpty || bytes.last == 0x0a, "a text that was cut is taken")
}
