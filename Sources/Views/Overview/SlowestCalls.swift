package import KernelText
package import MigrationReasons
package import System

/// A slow call as a person looks for it: with the name of its cgroup.
package struct NamedSlowCall: Sendable {
  package let call: SlowCall
  /// The cgroup's path, `/` for the root. Nil where it is not found.
  package let cgroup: String?
  package let ended: UnixTime

  package init(_ call: SlowCall, cgroup: String?, ended: UnixTime) {
    self.call = call
    self.cgroup = cgroup
    self.ended = ended
  }

  /// `kcompactd0 (42)`: the process that made the call.
  package var caller: String { "\(printable("\(call.command)")) (\(call.process))" }
}

extension [NamedSlowCall] {
  /// - Parameter calls: at this instant.
  package init(_ calls: [SlowCall], _ finder: inout CgroupFinder) {
    let (now, unixNow) = (MonotonicTime.now, UnixTime.now)
    self = calls.map { call in
      NamedSlowCall(
        call, cgroup: call.cgroup.flatMap { finder.path(of: $0, process: call.process) },
        ended: unixNow - (now - call.ended))
    }
  }

  /// A table below an empty line. Empty where there was none.
  package var lines: [String] {
    guard !isEmpty else { return [] }
    let header = ["slowest call, last minute", "took", "moved", "failed", "by", "cgroup"]
    let rows = map {
      [
        $0.call.reason, Readable.duration($0.call.duration), "\($0.call.pagesMigrated)",
        "\($0.call.pagesFailed)", $0.caller, $0.cgroup.map(printable) ?? "-",
      ]
    }
    return [""] + aligned([header] + rows)
  }

  var json: JSON {
    .array(
      map {
        .object([
          ("reason", .string($0.call.reason)),
          ("seconds", .seconds($0.call.duration)),
          ("ended", .seconds($0.ended.sinceEpoch)),
          ("command", .string("\($0.call.command)")),
          ("pid", .integer(UInt64($0.call.process))),
          ("tid", .integer(UInt64($0.call.thread))),
          ("cgroup", JSON($0.cgroup)),
          ("cgroup_id", $0.call.cgroup.map(JSON.integer) ?? .null),
          ("pages_migrated", .integer($0.call.pagesMigrated)),
          ("pages_failed", .integer($0.call.pagesFailed)),
        ])
      })
  }
}
