internal import Arguments
internal import Glibc
internal import MigrationReasons
internal import PageMigration
internal import Remote
internal import Service
internal import Synchronization
internal import System
internal import Views

struct WatchCommand: Command {
  static let name = "watch"
  static let abstract = "Show live rates, a row per interval, like vmstat 1."
  static let discussion: String? = """
    Per second. pages and bytes: migrated. failed, fail%: pages whose migration failed. THPs, \
    split, lost: transparent huge pages moved whole, split, and neither. numa: pages moved by NUMA \
    balancing. promo, demo: pages promoted and demoted between memory tiers. stall: allocations \
    that stalled for compaction. A narrow terminal shows fewer columns. With reasons: the one that \
    most pages were tried for, its share, and the mean time of its calls. A dash marks what the \
    kernel does not count. An asterisk marks a burst: at least 100 pages/s, and ten times the \
    median row of the last minute. A terminal shows the last minute as a sparkline, beside the rows \
    or above them. A summary of all rows ends it.
    """

  let url: HTTPURL?
  let json: Bool
  let remote: RemoteOptions
  let reasons: ReasonsOptions
  let paths: PathOptions
  let seconds: Double
  let count: Int?

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    url = try arguments.value(
      "url", "url", "Read another host's exporter, such as https://host:10057.")
    json = try arguments.flag(
      "json", "Print each row as a line of JSON, for scripts, without the summary.")
    remote = try arguments.group("The other exporter")
    reasons = try arguments.group("Reasons")
    paths = try arguments.group("Paths")
    seconds = try arguments.operand(
      "seconds", standard: 1.0, "Seconds between two rows, 0.1 to 3600.",
      form: "seconds such as 0.5 or 10")
    count = try arguments.operand(
      "count", "Rows to print; without it, until SIGINT.", form: "a number of rows such as 60")
    guard (0.1...3600).contains(seconds) else {
      throw UsageError("SECONDS must be from 0.1 to 3600, not \(seconds)")
    }
    guard url == nil || !reasons.isOn else {
      throw UsageError(
        "--collector.reasons is for this host: --url shows what the other exporter counts")
    }
    guard count.map({ $0 > 0 }) ?? true else { throw UsageError("COUNT must be above 0") }
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

  /// SIGINT, SIGTERM and SIGHUP end the program at once from here on, whatever its other threads wait for.
  func comesWithSignals() throws(StartFailure) {
    let signals = Signals()
    do throws(Errno) {
      try startThread("signals") { [self] in
        while signals.wait() == .reload, Signals.hangUpIsIgnored {}
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
