package import Glibc
internal import Synchronization

package enum ExitStatus: Equatable, Sendable {
  case exit(Int)
  case signal(Int)
}

/// A program that was started and is ended at the latest with this object, by its own number.
package final class ChildProcess: Sendable {
  package let pid: pid_t
  private let folder: TemporaryTree
  private let ended = Mutex<ExitStatus?>(nil)

  /// - Parameters:
  ///   - inputDescriptor: a descriptor for its standard input, instead of `input`.
  ///   - output: a descriptor for its standard output; nil to keep it for ``output()``.
  ///   - socket: a descriptor that it finds as its number 3, as systemd passes them.
  package init(
    _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:],
    inputDescriptor: CInt? = nil, output: CInt? = nil, socket: CInt? = nil
  ) throws {
    folder = try TemporaryTree()
    try folder.write("in", input)
    guard let program = Command.find(arguments[0]) else {
      throw Failure("there is no program \(arguments[0])")
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let writing = O_WRONLY | O_CREAT | O_APPEND
    if let inputDescriptor {
      posix_spawn_file_actions_adddup2(&actions, inputDescriptor, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "\(folder.path)/in", O_RDONLY, 0)
    }
    if let output {
      posix_spawn_file_actions_adddup2(&actions, output, 1)
    } else {
      posix_spawn_file_actions_addopen(&actions, 1, "\(folder.path)/out", writing, 0o644)
    }
    if let socket { posix_spawn_file_actions_adddup2(&actions, socket, 3) }
    posix_spawn_file_actions_addopen(&actions, 2, "\(folder.path)/err", writing, 0o644)
    // The threads that tests run on block signals, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var blocked = sigset_t()
    sigemptyset(&blocked)
    posix_spawnattr_setsigmask(&attributes, &blocked)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var pid: pid_t = 0
    let number = withCStrings(arguments) { argv in
      withCStrings(childEnvironment(environment)) { envp in
        posix_spawn(&pid, program, &actions, &attributes, argv, envp)
      }
    }
    guard number == 0 else { throw Failure("cannot run \(program): error \(number)") }
    self.pid = pid
  }

  deinit {
    guard ended.withLock({ $0 }) == nil else { return }
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }

  /// What it has written to standard output by now.
  package func output() throws -> [UInt8] { try Files.read("\(folder.path)/out") }

  /// What it has written to standard error by now.
  package func errors() throws -> String { try Files.text("\(folder.path)/err") }

  package func send(_ signal: CInt) { kill(pid, signal) }

  /// Nil while it runs.
  package func status() -> ExitStatus? {
    ended.withLock { ended in
      if ended == nil {
        var status: CInt = 0
        if waitpid(pid, &status, WNOHANG) == pid { ended = ExitStatus(waitStatus: status) }
      }
      return ended
    }
  }

  package func wait(limitSeconds: Double = 30) throws -> ExitStatus {
    try waitUntil("process \(pid) ends", limitSeconds: limitSeconds) { status() != nil }
    return status()!
  }
}

/// Returns when `isTrue`, which is asked again and again.
package func waitUntil(
  _ what: String, limitSeconds: Double = 30, _ isTrue: () throws -> Bool
) throws {
  var waited = 0.0
  while !(try isTrue()) {
    guard waited < limitSeconds else { throw Failure("\(what): not within \(limitSeconds) s") }
    usleep(5000)
    waited += 0.005
  }
}

extension ExitStatus {
  init(waitStatus: CInt) {
    let signal = waitStatus & 0x7f
    self = signal == 0 ? .exit(Int((waitStatus >> 8) & 0xff)) : .signal(Int(signal))
  }
}

private func childEnvironment(_ changes: [String: String]) -> [String] {
  var variables: [String: String] = [:]
  var place = environ
  while let variable = place.pointee {
    let pair = String(cString: variable).split(separator: "=", maxSplits: 1)
    variables[String(pair[0])] = pair.count == 2 ? String(pair[1]) : ""
    place += 1
  }
  return variables.merging(changes) { $1 }.map { "\($0.key)=\($0.value)" }
}

private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}

package func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }
