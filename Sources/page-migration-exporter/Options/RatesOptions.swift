internal import ArgumentParser

struct RatesOptions: ParsableArguments {
  @Flag(
    name: .customLong("collector.rates"), inversion: .prefixedNo,
    help: "Rates over sliding windows, their peaks and histograms.")
  var rates = true

  @Option(
    name: .customLong("collector.rates.interval"),
    help: ArgumentHelp(
      "Time between two samples, 100ms to 60s; 0 turns the sampler off.", valueName: "duration"))
  var interval = TimeInterval(nanoseconds: 1_000_000_000)

  /// Nil where nothing is sampled.
  var samplingInterval: UInt64? {
    rates && interval.nanoseconds > 0 ? interval.nanoseconds : nil
  }

  func validate() throws {
    let allowed: ClosedRange<UInt64> = 100_000_000...60_000_000_000
    guard interval.nanoseconds == 0 || allowed.contains(interval.nanoseconds) else {
      throw ValidationError(
        "--collector.rates.interval must be 0 or from 100ms to 60s, not \(interval)")
    }
  }
}
