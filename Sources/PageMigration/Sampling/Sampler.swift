internal import Synchronization
package import System

/// Takes snapshots of `/proc/vmstat` on its own clock, and gives the rates to any number of
/// readers, who change nothing by reading.
///
/// The clock is CLOCK_MONOTONIC, which stands still while the machine is suspended: nothing
/// migrates then, so a rate is per second of running time, and a night's sleep is neither a
/// quiet window nor ten thousand missed deadlines.
///
/// A file that hangs holds up the thread that reads it and nobody else: reading is not done under the
/// lock that readers take.
package final class Sampler: Sendable {
  package let interval: Duration
  private let source: Mutex<Source>
  private let current: Mutex<SamplerView>

  /// What the thread that samples reads with. Nobody else takes its lock.
  private struct Source: ~Copyable {
    var file: CounterFile
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    var snapshot = CounterSnapshot()
  }

  /// - Parameter interval: between two snapshots.
  package init(vmstat path: String, interval: Duration) {
    self.interval = interval
    source = Mutex(Source(file: CounterFile(path)))
    current = Mutex(SamplerView(sampled: SampledRates(interval: interval)))
  }

  /// Takes snapshots until the program ends, on a thread of its own.
  package func start() throws(Errno) {
    try startThread("sampler") { [self] in
      var schedule = SamplingSchedule(start: .now, interval: interval)
      while true {
        sample(missed: schedule.advance(past: .now))
        schedule.deadline.sleep()
      }
    }
  }

  /// Takes a snapshot now. To be called by one thread.
  ///
  /// - Parameter missed: deadlines that were missed since the last one.
  package func sample(missed: UInt64) {
    source.withLock { source in
      let begin = MonotonicTime.now
      do {
        try source.file.read(into: &source.snapshot, using: &source.buffer)
        // The kernel sums its counters somewhere between the two readings of the clock.
        let time = MonotonicTime.midpoint(begin, .now)
        let snapshot = source.snapshot
        current.withLock { view in
          view.missed += missed
          view.sampled.add(snapshot, at: time)
          view.failure = nil
        }
      } catch {
        let problem = "\(error)"
        current.withLock { view in
          view.missed += missed + 1
          view.failure = SamplingFailure(description: problem)
        }
      }
    }
  }

  /// What is known now. The rates are blank where the last snapshot is too old to speak of now.
  package func view() -> SamplerView {
    var view = current.withLock { $0 }
    view.now = .now
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
  package fileprivate(set) var missed: UInt64 = 0
  /// Why the last snapshot failed. Nil where it did not.
  package fileprivate(set) var failure: SamplingFailure?
  package fileprivate(set) var now: MonotonicTime {
    didSet { isCurrent = isCurrentNow }
  }
  /// False where the kernel, or reading it, has stalled: then nothing is known of the windows.
  private var isCurrent = false

  package init(sampled: SampledRates, now: MonotonicTime = .init(sinceBoot: .zero)) {
    self.sampled = sampled
    self.now = now
    isCurrent = isCurrentNow
  }

  private var isCurrentNow: Bool {
    guard let last = sampled.lastTime else { return false }
    return now - last <= sampled.staleAge
  }

  /// Nil where the kernel, or reading it, has stalled.
  package func rates(of counter: SampledCounter) -> CounterRates? {
    isCurrent ? sampled.rates[counter] : nil
  }
}

/// When snapshots are due: at whole intervals from the start, so that nothing drifts.
package struct SamplingSchedule: Sendable {
  private let interval: Duration
  /// The next snapshot's time.
  package private(set) var deadline: MonotonicTime

  package init(start: MonotonicTime, interval: Duration) {
    self.interval = interval
    deadline = start
  }

  /// Moves the deadline past `now`, the time at which the snapshot could be taken, by half an interval or
  /// more: what was held up would be a burst in less.
  ///
  /// - Returns: how many deadlines were missed by more than half an interval. All but the last of
  ///   them have no snapshot of their own.
  package mutating func advance(past now: MonotonicTime) -> UInt64 {
    guard now >= deadline else { return 0 }
    let (delay, step) = ((now - deadline).wholeNanoseconds, interval.wholeNanoseconds)
    let missed = (delay + (step - 1) - step / 2) / step
    deadline = deadline + .init(wholeNanoseconds: (missed + 1) * step)
    return missed
  }
}
