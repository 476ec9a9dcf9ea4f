/// How far back a mean rate looks.
package enum RateWindow: Int, CaseIterable, Sendable {
  case tenSeconds = 10
  case oneMinute = 60
  case fiveMinutes = 300

  /// As in the label `window`.
  package var label: String {
    switch self {
    case .tenSeconds: "10s"
    case .oneMinute: "1m"
    case .fiveMinutes: "5m"
    }
  }

  var nanoseconds: UInt64 { UInt64(rawValue) * 1_000_000_000 }

  /// The windows for which the highest rate of a single interval is told, too.
  package static let withMaximum: [RateWindow] = [.oneMinute, .fiveMinutes]
}
