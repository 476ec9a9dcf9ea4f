internal import KernelText
internal import Synchronization

/// Takes snapshots of `/proc/vmstat` on its own clock, and tells the rates to any number of
/// readers, who change nothing by reading.
///
/// The clock is CLOCK_MONOTONIC, which stands still while the machine is suspended: nothing
/// migrates then, so a rate is per second of running time, and a night's sleep is neither a
/// quiet window nor ten thousand late intervals.
///
/// A file that hangs holds up the thread that reads it and nobody else: reading is not done under the
/// lock that readers take.
package final class Sampler: Sendable {
  package let interval: UInt64
  private let source: Mutex<Source>
  private let current: Mutex<SamplerView>

  /// What the thread that samples reads with. Nobody else takes its lock.
  private struct Source: ~Copyable {
    var file: CounterFile
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    var snapshot = CounterSnapshot()
  }

  /// - Parameter interval: nanoseconds between two snapshots.
  package init(vmstat path: String, interval: UInt64) {
    self.interval = interval
    source = Mutex(Source(file: CounterFile(path)))
    current = Mutex(SamplerView(sampled: SampledRates(interval: interval)))
  }

  /// Takes a snapshot now. To be called by one thread.
  ///
  /// - Parameter missed: deadlines that were missed since the last one.
  package func sample(missed: UInt64) {
    source.withLock { source in
      let begin = Clocks.monotonic()
      do {
        try source.file.read(into: &source.snapshot, using: &source.buffer)
        // The kernel sums its counters somewhere between the two readings of the clock.
        let time = begin + (Clocks.monotonic() - begin) / 2
        let snapshot = source.snapshot
        current.withLock { view in
          view.late += missed
          view.sampled.add(snapshot, at: time)
          view.failure = nil
        }
      } catch {
        let problem = "\(error)"
        current.withLock { view in
          view.late += missed + 1
          view.failure = SamplingFailure(description: problem)
        }
      }
    }
  }

  /// What is known now. The rates are blank where the last snapshot is too old to speak of now.
  package func view() -> SamplerView {
    var view = current.withLock { $0 }
    view.now = Clocks.monotonic()
    return view
  }
}

/// Why a snapshot could not be taken, in the words of what failed.
package struct SamplingFailure: Error, CustomStringConvertible {
  package let description: String
}

/// What a ``Sampler`` knows at one instant.
package struct SamplerView: Sendable {
  package fileprivate(set) var sampled: SampledRates
  /// Deadlines that were missed by more than half an interval, and snapshots that failed.
  package fileprivate(set) var late: UInt64 = 0
  /// Why the last snapshot failed. Nil where it did not.
  package fileprivate(set) var failure: SamplingFailure?
  /// In nanoseconds of the monotonic clock.
  package fileprivate(set) var now: UInt64

  package init(sampled: SampledRates, now: UInt64 = 0) {
    self.sampled = sampled
    self.now = now
  }

  /// Nil where the kernel, or reading it, has stalled: then nothing is known of the windows.
  package func rates(of counter: SampledCounter) -> CounterRates? {
    guard let last = sampled.lastTime, now - min(now, last) <= 2 * sampled.interval + 1_000_000_000
    else { return nil }
    return sampled.rates[counter]
  }
}
