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

  /// The highest rate of a single interval in the window. Nil where the mean is.
  package func maximum(_ window: RateWindow) -> Double? { self[window].maximum }

  /// The rates of `counter` over the end of `history`.
  ///
  /// A window takes as many of the last intervals as come closest to its length, so it is right to
  /// within half an interval. Where they miss it by more than a whole one, as after a gap, the
  /// window has no rate rather than one of another length.
  ///
  /// - Parameter interval: the nominal length of an interval.
  package init(of counter: SampledCounter, over history: IntervalHistory, interval: Duration) {
    latest = history.last?.rate(of: counter)
    var sum = Accumulated()
    var windows = RateWindow.allCases[...]
    for past in history.reversed() {
      guard sum.add(past, counter) else { return }
      while let window = windows.first, sum.elapsed + interval / 2 >= window.length {
        self[window] = sum.rates(over: window, interval: interval)
        windows.removeFirst()
      }
      if windows.isEmpty { return }
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

/// What is known of a window while it is walked back through.
private struct Accumulated {
  private(set) var elapsed = Duration.zero
  private var increase: UInt64 = 0
  private var maximum = 0.0

  /// False where the interval breaks every window that it is part of.
  mutating func add(_ interval: Interval, _ counter: SampledCounter) -> Bool {
    guard let grown = interval.increase[counter], let rate = interval.rate(of: counter) else {
      return false
    }
    elapsed += interval.elapsed
    // Counters of 64 bits that grow by more are copies of no kernel.
    increase &+= grown
    maximum = max(maximum, rate)
    return true
  }

  func rates(over window: RateWindow, interval: Duration) -> WindowRates {
    let error = elapsed > window.length ? elapsed - window.length : window.length - elapsed
    guard error <= interval, interval <= window.length else { return WindowRates() }
    return WindowRates(mean: elapsed.rate(of: increase), maximum: maximum)
  }
}
