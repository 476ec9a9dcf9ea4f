internal import Glibc

/// The sockets that systemd opened for us (sd_listen_fds(3)).
enum SystemdSockets {
  /// One of them, to be taken over once.
  struct Passed: Sendable {
    /// As the socket's unit calls it (FileDescriptorName=), by default by its own name. Nil where systemd
    /// does not say.
    let name: String?
    private let descriptor: CInt

    fileprivate init(name: String?, descriptor: CInt) {
      (self.name, self.descriptor) = (name, descriptor)
    }

    func listener() throws(ListenError) -> Listener { try Listener(inherited: descriptor) }
  }

  /// So many are taken at most.
  static let limit = 64

  /// All of them, in the order of systemd's units. What the environment says of them is taken out of it.
  static func take() throws(ListenError) -> [Passed] {
    let (pid, count, names) = (
      variable("LISTEN_PID"), variable("LISTEN_FDS"), variable("LISTEN_FDNAMES")
    )
    for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsafe unsetenv(name) }
    guard let pid, let count else {
      throw refusal("none was passed; is the program started by its socket unit?")
    }
    guard pid == "\(getpid())" else {
      throw refusal("they are for process \(pid), and this one is \(getpid())")
    }
    guard let number = Int(count), number > 0 else { throw refusal("LISTEN_FDS is \(count)") }
    guard number <= limit else {
      throw refusal("there are \(number), and no more than \(limit) are taken")
    }
    let each = names?.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    return (0..<number).map { place in
      // The first passed descriptor is 3: SD_LISTEN_FDS_START.
      Passed(
        name: each?.count == number ? each?[place] : nil, descriptor: CInt(3 + place))
    }
  }

  private static func refusal(_ reason: String) -> ListenError {
    ListenError(address: "systemd's sockets", reason: reason)
  }

  private static func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
