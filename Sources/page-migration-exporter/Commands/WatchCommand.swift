internal import ArgumentParser
internal import Glibc
internal import MigrationReasons
internal import PageMigration
internal import Remote
internal import Service
internal import Synchronization
internal import System
internal import Views

struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Show live rates, a row per interval, in the manner of vmstat 1.",
    discussion: """
      Per second. pages and bytes: migrated. failed, fail%: pages whose migration failed. THPs, \
      split, lost: transparent huge pages moved whole, split, and neither. numa: pages moved by NUMA \
      balancing. promo, demo: pages promoted and demoted between memory tiers. stall: allocations \
      that stalled for compaction. A narrow terminal shows fewer columns. With reasons: the one that \
      most pages were tried for, its share, and the mean time of its calls. A dash marks what the \
      kernel does not count. An asterisk marks a burst: at least 100 pages/s, and ten times the \
      median row of the last minute. A terminal shows the last minute as a sparkline, beside the rows \
      or above them. A summary of all rows ends it.
      """)

  @Argument(help: "Seconds between two rows, 0.1 to 3600.")
  var seconds = 1.0

  @Argument(help: "Rows to print; without it, until SIGINT.")
  var count: Int?

  @Option(help: "Read another host's exporter, such as https://host:10057.")
  var url: HTTPURL?

  @Flag(help: "Print each row as a line of JSON, for scripts, without the summary.")
  var json = false

  @OptionGroup(title: "The other exporter") var remote: RemoteOptions

  @OptionGroup(title: "Reasons") var reasons: ReasonsOptions
  @OptionGroup(title: "Paths") var paths: PathOptions

  func validate() throws {
    guard (0.1...3600).contains(seconds) else {
      throw ValidationError("SECONDS must be from 0.1 to 3600, not \(seconds)")
    }
    guard url == nil || !reasons.isOn else {
      throw ValidationError(
        "--collector.reasons is for this host: --url shows what the other exporter counts")
    }
    guard count.map({ $0 > 0 }) ?? true else { throw ValidationError("COUNT must be above 0") }
  }

  func run() throws {
    let end = WatchEnd(isSummedUp: !json)
    try end.comesWithSignals()
    var source = try makeSource()
    var last: WatchReading
    do {
      last = try source.read()
    } catch {
      throw StartFailure(error)
    }
    end.begin(from: last)
    let table = WatchTable(
      isColoured: Console.wantsColour, hasReasons: last.reasons != nil,
      timeWidth: seconds < 1 ? 10 : 8, width: Console.size?.width)
    var minute = WatchMinute()
    var schedule = SamplingSchedule(start: .now, interval: .seconds(seconds))
    var rowsBelowHeader = 0
    var rows = 0
    while count.map({ rows < $0 }) ?? true {
      if rowsBelowHeader == 0, !json, try !Console.answer(table.header(minute)) { return }
      _ = schedule.advance(past: .now)
      schedule.deadline.sleep()
      do {
        let reading = try source.read()
        let (change, now) = (WatchChange(from: last, to: reading), UnixTime.now)
        last = reading
        minute.add(change)
        let time = now.localTimeOfDay(tenths: seconds < 1)
        end.add(change, to: reading, at: time, isBurst: minute.isBurst)
        let row =
          json
          ? change.json(at: now, isBurst: minute.isBurst) : table.row(time: time, change, minute)
        guard try Console.answer(row) else { return }
      } catch let failure as StartFailure {
        throw failure
      } catch {
        Console.say("\(error)")
      }
      rows += 1
      rowsBelowHeader += 1
      if let height = Console.size?.height, rowsBelowHeader >= max(2, height - 3) {
        rowsBelowHeader = 0
      }
    }
    if let text = end.text { try Console.answer(text) }
  }

  private func makeSource() throws(StartFailure) -> any WatchSource {
    if let url { return RemoteSource(url, try remote.access()) }
    try paths.check()
    guard reasons.isOn else { return LocalSource(paths.kernel, probe: nil) }
    do throws(ReasonsUnavailable) {
      let probe = try SharedProbe(tracefs: reasons.tracefs.path, causes: reasons.causes)
      return LocalSource(paths.kernel, probe: probe)
    } catch {
      throw StartFailure(error)
    }
  }
}

/// How `watch` ends: with its rows summed up, also where it is told to end.
private final class WatchEnd: Sendable {
  private let isSummedUp: Bool
  private let summary = Mutex<WatchSummary?>(nil)

  init(isSummedUp: Bool) { self.isSummedUp = isSummedUp }

  /// SIGINT and SIGTERM end the program at once from here on, whatever its other threads wait for.
  func comesWithSignals() throws(StartFailure) {
    let signals = Signals()
    do throws(Errno) {
      try startThread("signals") { [self] in
        while signals.wait() == .reload {}  // There is nothing to be read again.
        // What a terminal shows of Ctrl-C stands at the beginning of the line.
        if let text, Console.isReadyForMore {
          _ = try? Console.answer((Console.isTerminal ? "\n" : "") + text)
        }
        _exit(0)
      }
    } catch {
      throw StartFailure("cannot start a thread: \(error)")
    }
  }

  func begin(from reading: WatchReading) {
    summary.withLock { $0 = WatchSummary(from: reading) }
  }

  func add(_ change: WatchChange, to reading: WatchReading, at time: String, isBurst: Bool) {
    summary.withLock { $0?.add(change, to: reading, at: time, isBurst: isBurst) }
  }

  /// Nil where there is nothing to be said.
  var text: String? { isSummedUp ? summary.withLock { $0?.text } : nil }
}
