internal import Glibc
internal import System

/// Who started the program and wants to hear how it is: systemd, or whoever speaks its protocol
/// (sd_notify(3)): a datagram of lines, sent to the socket that NOTIFY_SOCKET names.
///
/// Nothing of it matters to those who scrape: what cannot be said is left unsaid.
package struct ServiceManager: Sendable {
  /// Within which it wants to hear that the program is alive. Nil where it does not want to.
  package let watchdogTime: Duration?
  private let socket: NotifySocket?

  /// Takes what stands in the environment out of it, so that it is nobody else's.
  ///
  /// - Parameter problem: gets a sentence where it says something, but nothing of use.
  package static func fromEnvironment(_ problem: (String) -> Void) -> ServiceManager {
    let address = taken("NOTIFY_SOCKET")
    let (time, pid) = (taken("WATCHDOG_USEC"), taken("WATCHDOG_PID"))
    guard let address, !address.isEmpty else {
      return ServiceManager(watchdogTime: nil, socket: nil)
    }
    guard let socket = NotifySocket(address) else {
      problem("NOTIFY_SOCKET is neither a path nor an abstract name: \(address)")
      return ServiceManager(watchdogTime: nil, socket: nil)
    }
    guard let time, pid == nil || pid == "\(getpid())" else {
      return ServiceManager(watchdogTime: nil, socket: socket)
    }
    guard let microseconds = Int64(time), microseconds > 0 else {
      problem("WATCHDOG_USEC is not a time: \(time)")
      return ServiceManager(watchdogTime: nil, socket: socket)
    }
    return ServiceManager(watchdogTime: .microseconds(microseconds), socket: socket)
  }

  /// It serves. Also the end of a reload.
  package func ready(_ status: String) { say(["READY=1", Self.statusLine(status)]) }

  /// Runs `work`, by which the program takes up what has changed, between saying that it has begun and
  /// that it is over.
  package func reload(_ work: () -> String) {
    let microseconds = MonotonicTime.now.sinceBoot.wholeNanoseconds / 1000
    say(["RELOADING=1", "MONOTONIC_USEC=\(microseconds)", Self.statusLine("reloading")])
    ready(work())
  }

  /// It is about to end.
  package func stopping() { say(["STOPPING=1", Self.statusLine("stopping")]) }

  func isAlive() { say(["WATCHDOG=1"]) }

  private func say(_ lines: [String]) { socket?.send(lines.joined(separator: "\n")) }

  /// Whatever is in it, it is one line.
  private static func statusLine(_ status: String) -> String {
    "STATUS=" + String(status.map { $0.isNewline ? " " : $0 })
  }

  private static func taken(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    defer { unsafe unsetenv(name) }
    return unsafe String(cString: value)
  }
}

/// The address that messages go to.
private struct NotifySocket: Sendable {
  /// Its path, or a NUL and its abstract name.
  private let name: [UInt8]
  /// How long a full queue is waited for: it is short, and its reader may have other work.
  private static let patience = Duration.milliseconds(500)

  /// Nil for what is neither, or too long.
  init?(_ address: String) {
    var name = Array(address.utf8)
    guard name.first == UInt8(ascii: "/") || name.first == UInt8(ascii: "@"), name.count > 1,
      name.count < 108
    else { return nil }
    if name[0] == UInt8(ascii: "@") { name[0] = 0 }
    self.name = name
  }

  /// A socket for each message: a manager that was started anew is found again.
  func send(_ message: String) {
    let type =
      CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, type, 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let end = MonotonicTime.now + Self.patience
    while sendOnce(message, descriptor) == EAGAIN, .now < end { usleep(10_000) }
  }

  /// 0, or why it was not sent.
  private func sendOnce(_ message: String, _ descriptor: CInt) -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    // An abstract name has its length, a path its NUL.
    let length = MemoryLayout<sa_family_t>.size + name.count + (name[0] == 0 ? 0 : 1)
    let count = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe sendto(
          descriptor, message, message.utf8.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT), address,
          socklen_t(length))
      }
    }
    return count < 0 ? errno : 0
  }
}
