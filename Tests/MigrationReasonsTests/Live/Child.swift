import Foundation

/// A program built beside the tests, spoken to by lines, and ended when this goes.
final class Child {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var unread = Data()

  init(_ program: String, _ arguments: [String]) throws {
    process.executableURL =
      program.hasPrefix("/")
      ? URL(filePath: program) : Self.products.appending(path: program)
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  deinit {
    try? input.fileHandleForWriting.close()
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
  }

  var identifier: pid_t { process.processIdentifier }

  func send(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
  }

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

  /// The lines up to an empty one.
  func paragraph() -> [String] {
    var lines: [String] = []
    while let line = line(), !line.isEmpty { lines.append(line) }
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
