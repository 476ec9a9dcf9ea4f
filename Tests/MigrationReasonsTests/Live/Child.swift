import Foundation

/// A program built beside the tests, spoken to by lines, and ended when this goes.
final class Child {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var unread = Data()

  /// - Parameter tells: what is read as lines: what the program puts out, or what it logs.
  init(_ program: String, _ arguments: [String], tells: Voice = .output) throws {
    process.executableURL =
      program.hasPrefix("/")
      ? URL(filePath: program) : Self.products.appending(path: program)
    process.arguments = arguments
    process.standardInput = input
    switch tells {
    case .output: process.standardOutput = output
    case .errors: process.standardError = output
    }
    try Self.withNoSignalBlocked { try process.run() }
  }

  /// The threads that tests run on block signals, and a child would inherit that.
  private static func withNoSignalBlocked(_ work: () throws -> Void) rethrows {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try work()
  }

  deinit {
    try? input.fileHandleForWriting.close()
    if process.isRunning { signal(SIGKILL) }
    process.waitUntilExit()
  }

  var identifier: pid_t { process.processIdentifier }

  func send(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
  }

  enum Voice { case output, errors }

  /// Nil when the child has no more to say.
  func line() -> String? {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread = Data(unread[(end + 1)...]) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      unread += more
    }
  }

  /// All that the child still has to say.
  func lines() -> [String] {
    var lines: [String] = []
    while let line = line() { lines.append(line) }
    return lines
  }

  func signal(_ number: CInt) {
    kill(identifier, number)
  }

  func waitUntilExit() { process.waitUntilExit() }

  /// Where the test bundle lies, the package's programs lie.
  private static let products = URL(filePath: CommandLine.arguments[0])
    .deletingLastPathComponent()
}
