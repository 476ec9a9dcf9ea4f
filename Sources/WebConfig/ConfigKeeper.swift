internal import Synchronization
package import System
internal import TLS

/// Reads a configuration again when one of its files has changed, or somebody asks for it. As long as
/// the new one cannot be used, the old one stays.
///
/// @unchecked: what changes is touched with the monitor's lock, or by its own thread.
@safe package final class ConfigKeeper: @unchecked Sendable {
  /// How it stands.
  package struct State: Sendable {
    /// Whether what the files say now is what is used.
    package fileprivate(set) var isCurrent = true
    /// When a configuration was last taken up.
    package fileprivate(set) var lastTaken: UnixTime
    /// When the first certificate ends. Nil where there is none.
    package fileprivate(set) var notAfter: UnixTime?
  }

  /// What came of reading it again.
  package enum Outcome: Sendable {
    case taken(WebConfig)
    case kept(ConfigProblem)
  }

  /// How often files are looked at. A change is taken up once they have been the same for so long,
  /// since a certificate and its key are two files.
  package static let interval = Duration.seconds(1)

  private let path: String
  private let take: @Sendable (Outcome) -> Void
  private let current: Mutex<State>
  private let monitor = Monitor()
  private var isAsked = false
  private var roundsDone = 0
  // Its own thread's.
  private var files: Set<String>
  private var used: FileStamps
  private var lastProblem: ConfigProblem?

  /// - Parameters:
  ///   - path: of the configuration.
  ///   - config: what is used now.
  ///   - take: called on the keeper's thread with what a change comes to; a problem once.
  package init(
    _ path: String, _ config: WebConfig, _ take: @escaping @Sendable (Outcome) -> Void
  ) {
    self.path = path
    self.take = take
    files = Set(config.files)
    used = FileStamps(files)
    current = Mutex(State(lastTaken: .now, notAfter: config.tls?.notAfter))
  }

  package var state: State { current.withLock { $0 } }

  package func start() throws(Errno) { try startThread("web-config") { self.run() } }

  /// Reads the files now, whether they have changed or not, and waits for that; but not for long,
  /// since a file may hang.
  package func reload() {
    monitor.lock()
    defer { monitor.unlock() }
    isAsked = true
    let (round, end) = (roundsDone, MonotonicTime.now + .seconds(5))
    monitor.broadcast()
    while roundsDone == round, .now < end { monitor.wait(until: end) }
  }

  private func run() {
    var before = used
    while true {
      let isAsked = waitForNextRound()
      let now = FileStamps(files)
      if isAsked || (now != used && now == before) { readAgain() }
      before = FileStamps(files)
      guard isAsked else { continue }
      monitor.lock()
      roundsDone += 1
      monitor.broadcast()
      monitor.unlock()
    }
  }

  /// Returns whether somebody asks for it.
  private func waitForNextRound() -> Bool {
    monitor.lock()
    defer { monitor.unlock() }
    if !isAsked { monitor.wait(until: .now + Self.interval) }
    defer { isAsked = false }
    return isAsked
  }

  private func readAgain() {
    // What is missing is waited for, too.
    var asked: Set<String> = []
    // Before they are read: what changes meanwhile is a change.
    let stamps = FileStamps(files)
    do throws(ConfigProblem) {
      let config = try WebConfig(reading: path, at: .now) { (path) throws(UnreadableFile) in
        asked.insert(path)
        return try RegularFile.bytes(path)
      }
      current.withLock {
        $0 = State(lastTaken: .now, notAfter: config.tls?.notAfter)
      }
      lastProblem = nil
      take(.taken(config))
    } catch {
      current.withLock { $0.isCurrent = false }
      if lastProblem != error { take(.kept(error)) }
      lastProblem = error
    }
    used = asked.isSubset(of: files) ? stamps : FileStamps(files.union(asked))
    files.formUnion(asked)
    if lastProblem == nil, files != asked {
      files = asked
      used = FileStamps(files)
    }
  }
}
