internal import System

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

  package var length: Duration { .seconds(rawValue) }

  /// The windows for which the highest rate of a single interval is reported, too.
  package static let withMaximum: [RateWindow] = [.oneMinute, .fiveMinutes]
}

/// The rates of one counter, in events per second, at the end of the last interval.
package struct CounterRates: Equatable, Sendable {
  /// Of the last interval. Nil where it was a reset, or there was none.
  package private(set) var latest: Double?
  private var tenSeconds = WindowRates()
  private var oneMinute = WindowRates()
  private var fiveMinutes = WindowRates()

  /// Nothing is known.
  package init() {}

  /// The increase in the window over its true length. Nil where the window is not yet full, was
  /// broken by a reset, or is shorter than an interval.
  package func mean(_ window: RateWindow) -> Double? { self[window].mean }

  /// The highest rate of a single interval in the window. Nil where the mean is, and where an interval was
  /// too long for its rate to tell of a burst.
  package func maximum(_ window: RateWindow) -> Double? { self[window].maximum }

  /// The rates of `counter` over the end of `history`.
  ///
  /// - Parameter reaches: how far each window reaches back, of the shortest first.
  init(of counter: SampledCounter, over history: IntervalHistory, _ reaches: [WindowReach]) {
    latest = history.last?.rate(of: counter)
    var (increase, maximum): (UInt64, Double) = (0, 0)
    var index = history.endIndex
    for reach in reaches {
      while index > reach.first {
        index -= 1
        guard let growth = history.growth(of: counter, at: index) else { return }
        // No window has so many intervals that this could overflow.
        increase &+= growth.increase
        maximum = max(maximum, growth.rate)
      }
      guard reach.isRight else { continue }
      self[reach.window] = WindowRates(
        mean: reach.elapsed.rate(of: increase), maximum: reach.hasMaximum ? maximum : nil)
    }
  }

  private subscript(window: RateWindow) -> WindowRates {
    get {
      switch window {
      case .tenSeconds: tenSeconds
      case .oneMinute: oneMinute
      case .fiveMinutes: fiveMinutes
      }
    }
    set {
      switch window {
      case .tenSeconds: tenSeconds = newValue
      case .oneMinute: oneMinute = newValue
      case .fiveMinutes: fiveMinutes = newValue
      }
    }
  }
}

private struct WindowRates: Equatable, Sendable {
  var mean: Double?
  var maximum: Double?
}

/// The intervals at the end of a history that make up a window.
///
/// A window takes as many of the last intervals as come closest to its length, so it is right to
/// within half an interval. Where they miss it by more than a whole one, as after a gap, the
/// window has no rate rather than one of another length.
struct WindowReach {
  let window: RateWindow
  /// Where its first interval is in the history.
  let first: Int
  /// Its true length.
  let elapsed: Duration
  /// Whether that is its length.
  let isRight: Bool
  /// Whether all its intervals are short enough for one to have the highest rate.
  let hasMaximum: Bool

  /// Nil where the history is shorter.
  private init?(
    _ window: RateWindow, _ history: IntervalHistory, interval: Duration, gapEnd: MonotonicTime?
  ) {
    guard let end = history.last?.end,
      let first = history.lastIndex(beginningBy: end + interval / 2 - window.length)
    else { return nil }
    self.window = window
    self.first = first
    elapsed = end - history[first].begin
    let error = elapsed > window.length ? elapsed - window.length : window.length - elapsed
    isRight = error <= interval && interval <= window.length
    hasMaximum = gapEnd.map { $0 <= history[first].begin } ?? true
  }

  /// Those of all windows that the history is long enough for.
  ///
  /// - Parameters:
  ///   - interval: the nominal length of an interval.
  ///   - gapEnd: the end of the last that was much longer.
  static func all(
    in history: IntervalHistory, interval: Duration, gapEnd: MonotonicTime?
  ) -> [WindowReach] {
    RateWindow.allCases.compactMap {
      WindowReach($0, history, interval: interval, gapEnd: gapEnd)
    }
  }
}
