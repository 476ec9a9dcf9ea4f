internal import ArgumentParser
internal import Glibc
internal import MigrationReasons
internal import PageMigration
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
      that stalled for compaction. Columns that a narrow terminal has no room for are left out. With reasons, the one that most pages were \
      tried for, its share, and the mean time of its calls. A dash is what the kernel does not count.
      """)

  @Argument(help: "Seconds between two rows, 0.1 to 3600.")
  var seconds = 1.0

  @Argument(help: "Rows to print; without it, until SIGINT.")
  var count: Int?

  @Option(help: "Read another host's exporter, such as http://host:10057, over plain HTTP.")
  var url: HTTPURL?

  @OptionGroup(title: "Reasons") var reasons: ReasonsOptions
  @OptionGroup(title: "Paths") var paths: PathOptions

  func validate() throws {
    guard (0.1...3600).contains(seconds) else {
      throw ValidationError("SECONDS must be from 0.1 to 3600, not \(seconds)")
    }
    guard url == nil || !reasons.isOn else {
      throw ValidationError("--collector.reasons is for this host: --url has what the other counts")
    }
    guard count.map({ $0 > 0 }) ?? true else { throw ValidationError("COUNT must be above 0") }
  }

  func run() throws {
    // Nothing has to be tidied up, so both signals end it at once, whatever it waits for.
    signal(SIGINT, endAtOnce)
    signal(SIGTERM, endAtOnce)
    var source = try makeSource()
    var last: WatchReading
    do {
      last = try source.read()
    } catch {
      throw StartFailure(error)
    }
    let table = WatchTable(
      isColoured: Console.wantsColour, hasReasons: last.reasons != nil,
      timeWidth: seconds < 1 ? 10 : 8, width: Console.size?.width)
    var schedule = SamplingSchedule(start: .now, interval: .seconds(seconds))
    var rowsBelowHeader = 0
    var rows = 0
    while count.map({ rows < $0 }) ?? true {
      if rowsBelowHeader == 0, try !Console.answer(table.header) { return }
      _ = schedule.advance(past: .now)
      schedule.deadline.sleep()
      do {
        let reading = try source.read()
        let row = table.row(
          time: UnixTime.now.localTimeOfDay(tenths: seconds < 1), from: last, to: reading)
        last = reading
        guard try Console.answer(row) else { return }
      } catch let failure as StartFailure {
        throw failure
      } catch {
        Console.say("\(error)")
      }
      rows += 1
      rowsBelowHeader += 1
      if let height = Console.size?.height, rowsBelowHeader >= max(2, height - 2) {
        rowsBelowHeader = 0
      }
    }
  }

  private func makeSource() throws(StartFailure) -> any WatchSource {
    if let url { return RemoteSource(url) }
    try paths.check()
    guard reasons.isOn else { return LocalSource(paths.kernel, probe: nil) }
    do throws(ReasonsUnavailable) {
      let probe = try SharedProbe(tracefs: reasons.tracefs, causes: reasons.causes)
      return LocalSource(paths.kernel, probe: probe)
    } catch {
      throw StartFailure(error)
    }
  }
}

private func endAtOnce(_: CInt) { _exit(0) }
