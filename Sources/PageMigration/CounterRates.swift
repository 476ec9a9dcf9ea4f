/// The rates of one counter, in events per second, at the end of the last interval.
package struct CounterRates: Equatable, Sendable {
  /// Of the last interval. Nil where it was a reset, or there was none.
  package internal(set) var latest: Double?
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

  /// The rates of `counter` over the end of `intervals`.
  ///
  /// A window takes as many of the last intervals as come closest to its length, so it is right to
  /// within half an interval; where they miss it by more than a whole one, as after a gap, the
  /// window is told as absent and not with a wrong length.
  ///
  /// - Parameter interval: the nominal length of an interval, in nanoseconds.
  package init(
    of counter: SampledCounter, over intervals: some BidirectionalCollection<Interval>,
    interval: UInt64
  ) {
    latest = intervals.last?.rate(of: counter)
    var sum = Accumulated()
    var windows = RateWindow.allCases[...]
    for past in intervals.reversed() {
      guard sum.add(past, counter) else { return }
      while let window = windows.first, sum.elapsed + interval / 2 >= window.nanoseconds {
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
  private(set) var elapsed: UInt64 = 0
  private var increase: UInt64 = 0
  private var maximum = 0.0

  /// False where the interval breaks every window that it is part of.
  mutating func add(_ interval: Interval, _ counter: SampledCounter) -> Bool {
    guard let grown = interval.increase[counter], let rate = interval.rate(of: counter) else {
      return false
    }
    elapsed &+= interval.elapsed
    // Counters of 64 bits that grow by more are copies of no kernel.
    increase &+= grown
    maximum = max(maximum, rate)
    return true
  }

  func rates(over window: RateWindow, interval: UInt64) -> WindowRates {
    let error =
      elapsed > window.nanoseconds ? elapsed - window.nanoseconds : window.nanoseconds - elapsed
    guard error <= interval, interval <= window.nanoseconds else { return WindowRates() }
    return WindowRates(mean: Double(increase) * 1e9 / Double(elapsed), maximum: maximum)
  }
}
