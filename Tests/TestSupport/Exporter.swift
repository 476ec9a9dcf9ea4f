internal import Glibc

/// The built program, as its users run it.
package enum Exporter {
  /// `EXPORTER` names another build to be tested; otherwise it is the one beside the tests.
  package static let path: String = {
    if let other = Environment.value("EXPORTER") { return other }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes {
      readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    let tests = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    return tests[...(tests.lastIndex(of: "/") ?? tests.startIndex)] + "page-migration-exporter"
  }()

  package static func run(_ arguments: String..., input: [UInt8] = []) throws -> Command.Result {
    try Command.run([path] + arguments, input: input)
  }

  /// The flags that make it read `tree`.
  package static func flags(_ fixture: Fixture) -> [String] {
    ["--path.procfs=\(fixture.procfs)", "--path.sysfs=\(fixture.sysfs)"]
  }

  package static func flags(_ tree: TemporaryTree) -> [String] {
    ["--path.procfs=\(tree.procfs)", "--path.sysfs=\(tree.sysfs)"]
  }

  /// `print` of a tree.
  package static func print(_ flags: [String]) throws -> Command.Result {
    try Command.run([path, "print"] + flags)
  }
}

/// The built program while it serves, on a free port of the loopback unless told otherwise.
package final class ServingExporter: Sendable {
  package let process: ChildProcess
  /// As its log says them: `127.0.0.1:40961`.
  package let addresses: [String]

  /// - Parameter wrapper: a program and its arguments that runs the exporter, such as setpriv.
  package init(
    _ flags: [String] = [], listen: [String] = ["127.0.0.1:0"], wrapper: [String] = [],
    socket: CInt? = nil, readyWhen ready: String = "msg=ready"
  ) throws {
    let addressFlags = listen.map { "--web.listen-address=\($0)" }
    let process = try ChildProcess(
      wrapper + [Exporter.path] + addressFlags + flags, socket: socket)
    try waitUntil("the exporter is ready") {
      if let status = process.status() {
        throw Failure("the exporter ended with \(status): \(try process.errors())")
      }
      return try process.errors().contains(ready)
    }
    self.process = process
    addresses = try process.errors().split(separator: "\n")
      .filter { $0.contains("msg=listening") }
      .compactMap {
        $0.split(separator: "address=").last?.split(separator: " ").first.map { String($0) }
      }
  }

  package var address: String { addresses[0] }

  package func get(_ path: String, _ headers: [String] = []) throws -> HTTPAnswer {
    try HTTPConnection(address).get(path, headers)
  }

  /// The lines of its log that say so.
  package func log(_ text: String) throws -> [String] {
    try process.errors().split(separator: "\n").map { String($0) }.filter { $0.contains(text) }
  }

  /// The same, once there is one: the log is written by a thread of its own, soon after.
  package func awaitedLog(_ text: String) throws -> [String] {
    try waitUntil("the log says \(text)", limitSeconds: 10) { try !log(text).isEmpty }
    return try log(text)
  }

  /// Asks it to stop as a service manager does.
  package func stop() throws -> ExitStatus {
    process.send(SIGTERM)
    return try process.wait()
  }
}
