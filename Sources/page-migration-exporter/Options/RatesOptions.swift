internal import Arguments
internal import System

struct RatesOptions: ArgumentGroup {
  let isOn: Bool
  let interval: Duration

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    isOn = try arguments.toggle(
      "collector.rates", isOn: true, "Rates over sliding windows, their peaks and histograms.")
    interval = try arguments.value(
      "collector.rates.interval", "duration", standard: .seconds(1),
      "Time between two samples, 100ms to 60s; 0 turns the sampler off.")
    let allowed = Duration.milliseconds(100)...Duration.seconds(60)
    guard interval == .zero || allowed.contains(interval) else {
      throw UsageError(
        "--collector.rates.interval must be 0 or from 100ms to 60s, not \(interval.spelled)")
    }
  }

  /// Nil where nothing is sampled.
  var samplingInterval: Duration? {
    isOn && interval > .zero ? interval : nil
  }
}
