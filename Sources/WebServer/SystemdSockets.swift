internal import Glibc

/// The sockets that systemd opened for us (sd_listen_fds(3)).
package enum SystemdSockets {
  /// How many there are. Nil unless systemd passed them to this very process.
  package static func count() -> Int? {
    guard let pid = variable("LISTEN_PID").flatMap(pid_t.init), pid == getpid(),
      let count = variable("LISTEN_FDS").flatMap(Int.init), (1...64).contains(count)
    else { return nil }
    return count
  }

  /// The socket of this number, counted from 0. To be taken over once.
  package static func listener(_ number: Int) throws(ListenError) -> Listener {
    // The first passed descriptor is 3: SD_LISTEN_FDS_START.
    try Listener(inherited: CInt(3 + number))
  }

  private static func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
