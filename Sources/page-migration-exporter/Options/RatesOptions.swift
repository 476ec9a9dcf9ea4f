internal import ArgumentParser
internal import System

struct RatesOptions: ParsableArguments {
  @Flag(
    name: .customLong("collector.rates"), inversion: .prefixedNo,
    help: "Rates over sliding windows, their peaks and histograms.")
  var isOn = true

  @Option(
    name: .customLong("collector.rates.interval"),
    help: ArgumentHelp(
      "Time between two samples, 100ms to 60s; 0 turns the sampler off.", valueName: "duration"))
  var interval = Duration.seconds(1)

  /// Nil where nothing is sampled.
  var samplingInterval: Duration? {
    isOn && interval > .zero ? interval : nil
  }

  func validate() throws {
    let allowed = Duration.milliseconds(100)...Duration.seconds(60)
    guard interval == .zero || allowed.contains(interval) else {
      throw ValidationError(
        "--collector.rates.interval must be 0 or from 100ms to 60s, not \(interval.spelled)")
    }
  }
}
